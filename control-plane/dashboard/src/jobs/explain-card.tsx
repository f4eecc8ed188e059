import type { Explanation, Job } from '@cronclave/openapi'
import { Button, TextInput } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { api } from '../api/client.ts'
import { now } from '../ui/clock.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { Facts } from '../ui/facts.tsx'
import { zoneName } from '../ui/format.ts'
import { ExactTime } from '../ui/time.tsx'
import classes from './explain-card.module.css'
import { localInputValue } from './local-input.ts'

const VERDICTS: Record<Explanation['verdict'], string> = {
  ran: 'It ran',
  running: 'It is running',
  queued: 'It is queued',
  'not-started': 'It did not start',
  skipped: 'It was skipped',
  undecided: 'It is due and not decided yet',
  'will-fire': 'It will run',
  'will-skip': 'It will be skipped',
  'not-due': 'It was not due then',
}

/** Answers "why did it, or did it not, run at that time?" from the ledger and the schedule. */
export function ExplainCard({ namespace, job }: { namespace: string; job: Job }) {
  const [typed, setTyped] = useState(() => localInputValue(Date.parse(job.lastFire ?? '') || now()))
  const [at, setAt] = useState<string | undefined>(undefined)
  const instant = Date.parse(typed)
  const { data, error, isFetching } = api.useQuery(
    'get',
    '/v1/namespaces/{namespace}/jobs/{job}/explain',
    { params: { path: { namespace, job: job.name }, query: { at: at ?? '' } } },
    { enabled: at !== undefined, gcTime: 0 },
  )
  const ask = (event: FormEvent) => {
    event.preventDefault()
    if (!Number.isNaN(instant)) setAt(new Date(instant).toISOString())
  }
  return (
    <section className="card" aria-labelledby="explain-title">
      <div className="card-head">
        <h2 id="explain-title">Why did it not run?</h2>
      </div>
      <div className={classes.body}>
        <form className={classes.form} onSubmit={ask}>
          <TextInput
            label={`Time, in ${zoneName(Number.isNaN(instant) ? now() : instant)}`}
            type="datetime-local"
            step={1}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            required
            withAsterisk={false}
          />
          <Button type="submit" variant="default" loading={isFetching} disabled={Number.isNaN(instant)}>
            Explain
          </Button>
        </form>
        <div aria-live="polite">
          {error !== null && <ErrorNote error={error} />}
          {data !== undefined && <Answer namespace={namespace} answer={data} onAsk={setTyped} />}
        </div>
      </div>
    </section>
  )
}

function Answer({ namespace, answer, onAsk }: { namespace: string; answer: Explanation; onAsk(typed: string): void }) {
  const other = (at: string | undefined) =>
    at && (
      <button type="button" className={classes.other} onClick={() => onAsk(localInputValue(Date.parse(at)))}>
        <ExactTime at={at} />
      </button>
    )
  return (
    <div className={classes.answer}>
      <div>
        <h3>{VERDICTS[answer.verdict]}</h3>
        <p>{answer.detail}</p>
      </div>
      <Facts
        rows={[
          ['Decided by', answer.rule && <code>{answer.rule}</code>],
          ['Log entry', answer.lastEntry === undefined ? answer.entry : `${answer.entry} to ${answer.lastEntry}`],
          ['Fire time', answer.fireTime && <ExactTime at={answer.fireTime} />],
          [
            'Run',
            answer.run && (
              <Link to="/n/$ns/runs/$run" params={{ ns: namespace, run: answer.run }} className={classes.other}>
                {answer.run}
              </Link>
            ),
          ],
          ['Fire before', other(answer.before)],
          ['Fire after', other(answer.after)],
        ]}
      />
    </div>
  )
}
