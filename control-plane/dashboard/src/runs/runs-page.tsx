import type { Cause, RunState } from '@cronclave/openapi'
import { Button, NativeSelect, Skeleton, TextInput } from '@mantine/core'
import { useDebouncedValue, useDocumentTitle } from '@mantine/hooks'
import { IconAlertTriangle, IconSearch, IconTrash } from '@tabler/icons-react'
import { lazy, Suspense, useState } from 'react'
import { useRunPages } from '../api/pages.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { stateWord } from '../ui/state-badge.tsx'
import { causeWords } from './run-words.ts'
import classes from './runs-page.module.css'
import { RunsTable } from './runs-table.tsx'

const PruneModal = lazy(() => import('./prune-modal.tsx'))

const STATES: readonly RunState[] = [
  'running',
  'queued',
  'succeeded',
  'failed',
  'timed-out',
  'lost',
  'cancelled',
  'skipped',
]
const CAUSES: readonly Cause[] = ['schedule', 'misfire', 'manual', 'api', 'child', 'rerun', 'backfill']
const PAGE = 50

/** The ledger of a namespace: open runs first, then those that ended, the newest first. */
export default function RunsPage({ namespace }: { namespace: string }) {
  useDocumentTitle(`Runs of ${namespace} · Cronclave`)
  const [typed, setTyped] = useState('')
  const [job] = useDebouncedValue(typed.trim(), 300)
  const [state, setState] = useState<RunState | ''>('')
  const [pruning, setPruning] = useState(false)
  const [cause, setCause] = useState<Cause | ''>('')
  const query = {
    limit: PAGE,
    ...(job === '' ? {} : { job }),
    ...(state === '' ? {} : { state: [state] }),
    ...(cause === '' ? {} : { cause: [cause] }),
  }
  const runs = useRunPages(namespace, query)
  const items = runs.data?.pages.flatMap((page) => page.items)
  const incomplete = runs.data?.pages.find((page) => page.incomplete !== undefined)?.incomplete
  return (
    <section className="card" aria-labelledby="runs-title">
      <div className="card-head">
        <h1 id="runs-title">Runs</h1>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconTrash size={14} aria-hidden />}
          onClick={() => setPruning(true)}
        >
          Delete
        </Button>
        {pruning && (
          <Suspense fallback={null}>
            <PruneModal namespace={namespace} job={job} opened={pruning} onClose={() => setPruning(false)} />
          </Suspense>
        )}
        <div className={`push ${classes.filters}`}>
          <TextInput
            size="xs"
            type="search"
            aria-label="Job, by its exact name"
            placeholder="Job, exact name"
            leftSection={<IconSearch size={14} aria-hidden />}
            value={typed}
            maxLength={100}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <NativeSelect
            size="xs"
            aria-label="State"
            value={state}
            onChange={(event) => setState(event.currentTarget.value as RunState | '')}
            data={[{ value: '', label: 'All states' }, ...STATES.map((value) => ({ value, label: stateWord(value) }))]}
          />
          <NativeSelect
            size="xs"
            aria-label="Cause"
            value={cause}
            onChange={(event) => setCause(event.currentTarget.value as Cause | '')}
            data={[{ value: '', label: 'All causes' }, ...CAUSES.map((value) => ({ value, label: causeWords(value) }))]}
          />
        </div>
      </div>
      {runs.error !== null && (
        <div className="card-body">
          <ErrorNote error={runs.error} />
        </div>
      )}
      {items === undefined && runs.error === null && (
        <div className="card-body">
          <Skeleton height={180} />
        </div>
      )}
      {incomplete !== undefined && (
        <p className={classes.incomplete} role="status">
          <IconAlertTriangle size={16} aria-hidden />
          <span>Older runs may be missing here: {incomplete}.</span>
        </p>
      )}
      {items?.length === 0 && <p className={classes.none}>No run matches.</p>}
      {items !== undefined && items.length > 0 && <RunsTable namespace={namespace} runs={items} withJob />}
      {runs.hasNextPage && (
        <div className={classes.more}>
          <Button
            size="xs"
            variant="default"
            loading={runs.isFetchingNextPage}
            onClick={() => void runs.fetchNextPage()}
          >
            Show more
          </Button>
        </div>
      )}
    </section>
  )
}
