import type { Job } from '@cronclave/openapi'
import { Button, Modal, NumberInput, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { now } from '../ui/clock.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { formatCount, zoneName } from '../ui/format.ts'
import { ExactTime } from '../ui/time.tsx'
import classes from './backfill-modal.module.css'
import { localInputValue } from './local-input.ts'
import { ExecutorField, randomKey } from './request-fields.tsx'

const DAY_MS = 86_400_000
/** A range with more fires is refused. */
const FIRES_MAX = 1000
/** Fires of a preview that are listed. */
const SHOWN = 20

interface Props {
  namespace: string
  job: Job
  opened: boolean
  onClose(): void
}

/** Runs a past range of a job's schedules again; shows first which fires that are. */
export default function BackfillModal({ namespace, job, opened, onClose }: Props) {
  const queries = useQueryClient()
  const [from, setFrom] = useState(() => localInputValue(now() - DAY_MS))
  const [to, setTo] = useState(() => localInputValue(now()))
  const [parallel, setParallel] = useState<number | string>(1)
  const [executor, setExecutor] = useState('')
  const [key, setKey] = useState(randomKey)
  const preview = api.useMutation('post', '/v1/namespaces/{namespace}/jobs/{job}/backfills/preview')
  const create = api.useMutation('post', '/v1/namespaces/{namespace}/jobs/{job}/backfills')
  const request = requestOf(from, to, parallel, executor)
  const path = { namespace, job: job.name }
  // What was previewed is of another range once anything is changed.
  const changed =
    <T,>(set: (value: T) => void) =>
    (value: T) => {
      set(value)
      setKey(randomKey())
      preview.reset()
      create.reset()
    }
  const start = () => {
    if (request === undefined) return
    create.mutate(
      { params: { path, header: { 'Idempotency-Key': key } }, body: request },
      {
        onSuccess: () => {
          void queries.invalidateQueries({ queryKey: ['get', '/v1/namespaces/{namespace}/jobs/{job}/backfills'] })
          onClose()
        },
      },
    )
  }
  const zone = zoneName(now())
  const error = create.error ?? preview.error
  return (
    <Modal opened={opened} onClose={onClose} title={`Backfill ${job.name}`} lockScroll={false} centered size="lg">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault()
          if (request !== undefined) preview.mutate({ params: { path }, body: request })
        }}
      >
        <p>One run for each time at which its schedules were due in the range, the oldest first.</p>
        <div className={classes.pair}>
          <TextInput
            label={`From, in ${zone}`}
            type="datetime-local"
            step={1}
            value={from}
            onChange={(event) => changed(setFrom)(event.currentTarget.value)}
            required
            withAsterisk={false}
            data-autofocus
          />
          <TextInput
            label={`To, excluded, in ${zone}`}
            type="datetime-local"
            step={1}
            value={to}
            onChange={(event) => changed(setTo)(event.currentTarget.value)}
            required
            withAsterisk={false}
          />
          <NumberInput
            label="At once"
            description="Runs of it that may be open together"
            min={1}
            max={100}
            allowDecimal={false}
            hideControls
            value={parallel}
            onChange={changed(setParallel)}
          />
          <ExecutorField
            namespace={namespace}
            target={job.definition.target}
            value={executor}
            enabled={opened}
            onChange={changed(setExecutor)}
          />
        </div>
        {error !== null && <ErrorNote error={error} />}
        {preview.data !== undefined && (
          <div role="status">
            <h3>
              {preview.data.more ? 'More than ' : ''}
              {formatCount(preview.data.items.length)} {preview.data.items.length === 1 ? 'run' : 'runs'}
            </h3>
            {preview.data.more && <p className="dim">That is too many for one backfill: narrow the range.</p>}
            <ol className={classes.fires}>
              {preview.data.items.slice(0, SHOWN).map(({ fireTime }) => (
                <li key={fireTime}>
                  <ExactTime at={fireTime} />
                </li>
              ))}
            </ol>
            {preview.data.items.length > SHOWN && (
              <p className="dim">And {formatCount(preview.data.items.length - SHOWN)} more.</p>
            )}
          </div>
        )}
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" variant="default" disabled={request === undefined} loading={preview.isPending}>
            Preview
          </Button>
          <Button
            disabled={preview.data === undefined || preview.data.more || preview.data.items.length === 0}
            loading={create.isPending}
            onClick={start}
          >
            Start backfill
          </Button>
        </div>
      </form>
    </Modal>
  )
}

function requestOf(from: string, to: string, parallel: number | string, executor: string) {
  const [begin, end] = [Date.parse(from), Date.parse(to)]
  if (Number.isNaN(begin) || Number.isNaN(end)) return undefined
  return {
    from: new Date(begin).toISOString(),
    to: new Date(end).toISOString(),
    max: FIRES_MAX,
    parallel: typeof parallel === 'number' ? parallel : 1,
    ...(executor === '' ? {} : { executor }),
  }
}
