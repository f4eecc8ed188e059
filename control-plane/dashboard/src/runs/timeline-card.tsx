import type { Run } from '@cronclave/openapi'
import { now, useSecond } from '../ui/clock.ts'
import { formatClock, formatCount, formatDuration, formatExact } from '../ui/format.ts'
import { StateBadge, stateWord } from '../ui/state-badge.tsx'
import { useAttempts } from './attempts-card.tsx'
import { type Lane, type Segment, type Step, stepsOf, ticksOf, type Timeline, timelineOf } from './timeline.ts'
import classes from './timeline-card.module.css'

const TICKS = 5

/** What happened to a run, when, and what decided it: a lane for each of its parts, and its steps in words. */
export function TimelineCard({ namespace, run }: { namespace: string; run: Run }) {
  const open = run.endedAt === undefined
  const { data } = useAttempts(namespace, run.id, open)
  const second = useSecond()
  if (data === undefined) return null
  const timeline = timelineOf(run, data.items, open ? Math.max(second, now()) : 0)
  const { steps, more } = stepsOf(run, data.items)
  return (
    <section className="card" aria-labelledby="timeline-title">
      <div className="card-head">
        <h2 id="timeline-title">Timeline</h2>
        <span className="dim num">{formatDuration(timeline.to - timeline.from)}</span>
      </div>
      <Chart timeline={timeline} split={run.shardCounts !== undefined} />
      <details className={classes.steps} open={steps.length <= OPEN_STEPS}>
        <summary>{formatCount(steps.length)} steps</summary>
        <ol>
          {steps.map((step, i) => (
            <StepLine key={`${step.at} ${i}`} step={step} from={timeline.from} />
          ))}
        </ol>
        {more > 0 && <p className="dim">{formatCount(more)} more. The API has all attempts.</p>}
      </details>
    </section>
  )
}

/** A list longer than this is closed at first. */
const OPEN_STEPS = 16

function Chart({ timeline, split }: { timeline: Timeline; split: boolean }) {
  const length = Math.max(1, timeline.to - timeline.from)
  const place = (at: number) => `${(Math.min(Math.max(0, at - timeline.from), length) / length) * 100}%`
  const ticks = ticksOf(length, TICKS)
  return (
    <div className={classes.chart} data-split={split}>
      <ol className={classes.lanes} aria-label="Lanes">
        {timeline.lanes.map((lane) => (
          <li key={lane.shard} className={classes.lane}>
            {split && <span className={`${classes.name} num`}>Shard {lane.shard}</span>}
            <LaneBar lane={lane} place={place} length={length} />
          </li>
        ))}
      </ol>
      <div className={classes.axis} aria-hidden>
        {ticks.map((at) => (
          <span key={at} className={`${classes.tick} num`} style={{ left: place(timeline.from + at) }}>
            {at === 0 ? '0' : `+${formatDuration(at)}`}
          </span>
        ))}
      </div>
      {timeline.more > 0 && <p className={`${classes.more} dim`}>{formatCount(timeline.more)} more shards</p>}
    </div>
  )
}

function LaneBar({ lane, place, length }: { lane: Lane; place: (at: number) => string; length: number }) {
  const words = lane.segments.map(wordsOf).join('; ')
  return (
    <svg className={classes.bar} role="img" aria-label={words === '' ? 'Nothing happened' : words}>
      {lane.segments.map((segment) => (
        <SegmentBar key={`${segment.from} ${segment.kind}`} segment={segment} place={place} length={length} />
      ))}
    </svg>
  )
}

function SegmentBar({ segment, place, length }: { segment: Segment; place: (at: number) => string; length: number }) {
  const { kind, from, to, state, sentAt, acceptedAt } = segment
  const thin = kind !== 'attempt'
  return (
    <g data-kind={kind} data-state={state}>
      <title>{wordsOf(segment)}</title>
      <rect
        className={classes.segment}
        x={place(from)}
        y={thin ? 9 : 3}
        width={`${Math.max(((to - from) / length) * 100, 0.4)}%`}
        height={thin ? 4 : 16}
        rx={thin ? 2 : 3}
      />
      {sentAt !== undefined && <Mark at={place(sentAt)} words="The request was sent" />}
      {acceptedAt !== undefined && <Mark at={place(acceptedAt)} words="Accepted" />}
    </g>
  )
}

function Mark({ at, words }: { at: string; words: string }) {
  return (
    <line className={classes.mark} x1={at} x2={at} y1={1} y2={21}>
      <title>{words}</title>
    </line>
  )
}

function wordsOf({ words, state, from, to, kind }: Segment): string {
  const took = formatDuration(to - from)
  return kind === 'attempt' ? `${words}: ${stateWord(state)}, ${took}` : `${words}, ${took}`
}

function StepLine({ step, from }: { step: Step; from: number }) {
  return (
    <li className={classes.step}>
      <time className={`${classes.at} num`} dateTime={new Date(step.at).toISOString()} title={formatExact(step.at)}>
        {formatClock(step.at)}
        <span className={classes.offset}>{step.at > from ? `+${formatDuration(step.at - from)}` : ''}</span>
      </time>
      <span className={classes.what}>
        {step.shard !== undefined && <span className={`${classes.part} num`}>Shard {step.shard}</span>}
        <span>{step.words}</span>
        {step.state !== undefined && <StateBadge state={step.state} />}
        {step.detail !== undefined && <span className="dim">{step.detail}</span>}
      </span>
      {step.index !== undefined && (
        <span className={`${classes.index} num`} title="The entry of the log that decided it">
          entry {step.index}
        </span>
      )}
    </li>
  )
}
