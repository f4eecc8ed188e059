import { Tooltip } from '@mantine/core'
import { useSecond } from './clock.ts'
import { formatDuration, formatExact, formatMoment, formatRelative } from './format.ts'

/** An instant, relative to now; hover or focus shows it exactly, with its zone, and in the job's zone where that differs. */
export function Ago({ at, zone }: { at: string | number; zone?: string | undefined }) {
  const now = useSecond()
  const instant = toMillis(at)
  return (
    <Tooltip
      label={<Exact at={instant} zone={zone} />}
      openDelay={150}
      events={{ hover: true, focus: true, touch: true }}
    >
      <time className="num" dateTime={new Date(instant).toISOString()} tabIndex={0}>
        {formatRelative(instant, now)}
      </time>
    </Tooltip>
  )
}

function Exact({ at, zone }: { at: number; zone?: string | undefined }) {
  const here = formatExact(at)
  const there = zone === undefined ? formatExact(at, 'UTC') : formatExact(at, zone)
  return (
    <>
      <div>{here}</div>
      {there !== here && <div>{there}</div>}
    </>
  )
}

/** An instant in full, with its zone. */
export function ExactTime({ at, zone }: { at: string | number; zone?: string | undefined }) {
  const instant = toMillis(at)
  return (
    <time className="num" dateTime={new Date(instant).toISOString()}>
      {formatMoment(instant, zone)}
    </time>
  )
}

/** How long something took, or, while it goes on, has taken so far. */
export function Took({ from, to }: { from: string | number | undefined; to?: string | number | undefined }) {
  if (from === undefined) return <span className="dim">–</span>
  if (to === undefined) return <Ticking from={toMillis(from)} />
  return <span className="num nowrap">{formatDuration(toMillis(to) - toMillis(from))}</span>
}

function Ticking({ from }: { from: number }) {
  const now = useSecond()
  const seconds = Math.max(0, Math.floor((now - from) / 1000))
  return <span className="num nowrap">{seconds < 1 ? '< 1 s' : formatDuration(seconds * 1000)}</span>
}

export function toMillis(at: string | number): number {
  return typeof at === 'number' ? at : Date.parse(at)
}
