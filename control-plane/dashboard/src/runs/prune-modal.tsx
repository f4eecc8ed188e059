import type { RunPrune } from '@cronclave/openapi'
import { Button, Modal, NativeSelect, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { localInputValue } from '../jobs/local-input.ts'
import { now } from '../ui/clock.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { formatCount, zoneName } from '../ui/format.ts'
import { stateWord } from '../ui/state-badge.tsx'
import { ExactTime } from '../ui/time.tsx'
import classes from './prune-modal.module.css'

const MONTH_MS = 30 * 86_400_000
const STATES = ['succeeded', 'failed', 'timed-out', 'cancelled', 'lost', 'skipped'] as const
type State = (typeof STATES)[number]

interface Props {
  namespace: string
  /** Taken from the filters of the list. */
  job: string
  opened: boolean
  onClose(): void
}

/** Deletes finished runs by job, age and state; says first how many those are. */
export default function PruneModal({ namespace, job: given, opened, onClose }: Props) {
  const queries = useQueryClient()
  const [job, setJob] = useState(given)
  const [before, setBefore] = useState(() => localInputValue(now() - MONTH_MS))
  const [state, setState] = useState<State | ''>('')
  const [found, setFound] = useState<RunPrune | undefined>(undefined)
  const [deleted, setDeleted] = useState<number | undefined>(undefined)
  const [error, setError] = useState<unknown>(undefined)
  const [busy, setBusy] = useState(false)
  const instant = Date.parse(before)
  const changed =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      set(value)
      setFound(undefined)
      setError(undefined)
    }
  const ask = async (preview: boolean): Promise<RunPrune> => {
    const query = {
      preview,
      ...(job.trim() === '' ? {} : { job: job.trim() }),
      ...(Number.isNaN(instant) ? {} : { before: new Date(instant).toISOString() }),
      ...(state === '' ? {} : { state: [state] }),
    }
    const reply = await client.DELETE('/v1/namespaces/{namespace}/runs', { params: { path: { namespace }, query } })
    if (reply.data === undefined) throw reply.error
    return reply.data
  }
  const working = async (work: () => Promise<void>) => {
    setBusy(true)
    setError(undefined)
    await work().catch(setError)
    setBusy(false)
  }
  const look = () => working(async () => setFound(await ask(true)))
  const remove = () =>
    working(async () => {
      let gone = 0
      for (let done = false; !done; ) {
        const step = await ask(false)
        gone += step.runs
        // A step that deletes nothing will not delete more the next time either.
        done = step.done || step.runs === 0
        setDeleted(gone)
      }
      await queries.invalidateQueries({ queryKey: ['get', '/v1/namespaces/{namespace}/runs'] })
    })
  return (
    <Modal opened={opened} onClose={onClose} title="Delete finished runs" lockScroll={false} centered size="lg">
      {deleted !== undefined && !busy && error === undefined ? (
        <div className={classes.form}>
          <p role="status">{formatCount(deleted)} deleted.</p>
          <div className={classes.buttons}>
            <Button onClick={onClose}>Close</Button>
          </div>
        </div>
      ) : (
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault()
            void look()
          }}
        >
          <p>Runs that all of these name go with their attempts and lines. Open runs stay.</p>
          <div className={classes.fields}>
            <TextInput
              label="Job"
              description="Exact name; empty: every job"
              value={job}
              maxLength={100}
              onChange={(event) => changed(setJob)(event.currentTarget.value)}
            />
            <NativeSelect
              label="State"
              description="How they ended"
              value={state}
              onChange={(event) => changed(setState)(event.currentTarget.value as State | '')}
              data={[
                { value: '', label: 'All states' },
                ...STATES.map((value) => ({ value, label: stateWord(value) })),
              ]}
            />
            <TextInput
              label={`Due before, in ${zoneName(Number.isNaN(instant) ? now() : instant)}`}
              type="datetime-local"
              step={1}
              value={before}
              onChange={(event) => changed(setBefore)(event.currentTarget.value)}
            />
          </div>
          {error !== undefined && <ErrorNote error={error} />}
          {found !== undefined && <Found found={found} />}
          <div className={classes.buttons}>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" variant="default" loading={busy && found === undefined}>
              Preview
            </Button>
            <Button
              color="red"
              disabled={found === undefined || found.runs === 0}
              loading={busy && found !== undefined}
              onClick={() => void remove()}
            >
              Delete {found === undefined ? '' : formatCount(found.runs)}
            </Button>
          </div>
        </form>
      )}
    </Modal>
  )
}

function Found({ found: { runs, spared, done, oldest, newest, undelivered = [], keptBy = [] } }: { found: RunPrune }) {
  return (
    <div role="status">
      <h3>
        {done ? '' : 'At least '}
        {formatCount(runs)} {runs === 1 ? 'run' : 'runs'}
      </h3>
      {oldest !== undefined && newest !== undefined && (
        <p className="dim">
          From <ExactTime at={oldest.fireTime} /> ({oldest.job}) to <ExactTime at={newest.fireTime} /> ({newest.job}).
        </p>
      )}
      {undelivered.map(({ sink, runs: count }) => (
        <p key={sink} className={classes.missed}>
          Sink {sink} does not have {formatCount(count)} of them yet, and would never get {count === 1 ? 'it' : 'them'}.
        </p>
      ))}
      {keptBy.length > 0 && (
        <p>
          {keptBy.length === 1 ? 'Sink' : 'Sinks'} {keptBy.join(', ')} {keptBy.length === 1 ? 'keeps' : 'keep'} what{' '}
          {keptBy.length === 1 ? 'it has' : 'they have'} of them, and lists go on showing that. Removing it there is up
          to whoever owns the database.
        </p>
      )}
      {spared > 0 && <p className="dim">{formatCount(spared)} stay, because an open run needs their result.</p>}
    </div>
  )
}
