import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useDebouncedValue, useHotkeys } from '@mantine/hooks'
import type { JobState } from '@cronclave/openapi'
import { IconPlus, IconSearch } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { useJobPages } from '../api/pages.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { PauseNamespace } from '../pauses/pause-button.tsx'
import { EmptyJobs } from './empty-jobs.tsx'
import classes from './jobs-card.module.css'
import { JobsTable, type JobSort } from './jobs-table.tsx'

const PAGE = 100
const STATES: readonly { value: JobState | 'all'; label: string }[] = [
  { value: 'all', label: 'All states' },
  { value: 'active', label: 'Active' },
  { value: 'paused', label: 'Paused' },
  { value: 'ended', label: 'Ended' },
  { value: 'quarantined', label: 'Quarantined' },
]

/** All jobs of a namespace, filtered by name and state. */
export function JobsCard({ namespace }: { namespace: string }) {
  const [typed, setTyped] = useState('')
  const [name] = useDebouncedValue(typed.trim(), 200)
  const [state, setState] = useState<JobState | 'all'>('all')
  const [sort, setSort] = useState<JobSort>('name')
  const query = {
    limit: PAGE,
    sort,
    ...(name === '' ? {} : { name }),
    ...(state === 'all' ? {} : { state: [state] }),
  }
  const jobs = useJobPages(namespace, query)
  const filter = useRef<HTMLInputElement>(null)
  useHotkeys([['/', () => filter.current?.focus()]])
  const items = jobs.data?.pages.flatMap((page) => page.items)
  const filtered = name !== '' || state !== 'all'
  const clear = () => {
    setTyped('')
    setState('all')
  }
  return (
    <section className="card" aria-labelledby="jobs-title">
      <div className="card-head">
        <h2 id="jobs-title">Jobs</h2>
        <Button
          size="xs"
          leftSection={<IconPlus size={14} aria-hidden />}
          renderRoot={(props) => <Link to="/n/$ns/new" params={{ ns: namespace }} {...props} />}
        >
          New job
        </Button>
        <PauseNamespace namespace={namespace} />
        <div className={`push ${classes.filters}`}>
          <TextInput
            className={classes.name ?? ''}
            size="xs"
            type="search"
            aria-label="Filter by name"
            placeholder="Filter by name ( / )"
            ref={filter}
            leftSection={<IconSearch size={14} aria-hidden />}
            value={typed}
            maxLength={100}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <NativeSelect
            size="xs"
            aria-label="Filter by state"
            data={[...STATES]}
            value={state}
            onChange={(event) => setState(event.currentTarget.value as JobState | 'all')}
          />
        </div>
      </div>
      {jobs.error !== null && (
        <div className="card-body">
          <ErrorNote error={jobs.error} />
        </div>
      )}
      {items?.length === 0 && !filtered && <EmptyJobs namespace={namespace} />}
      {items?.length === 0 && filtered && (
        <div className={classes.none}>
          <p>No job matches.</p>
          <Button size="xs" variant="default" onClick={clear}>
            Clear the filter
          </Button>
        </div>
      )}
      {(items === undefined ? jobs.error === null : items.length > 0) && (
        <JobsTable namespace={namespace} jobs={items} sort={sort} onSort={setSort} />
      )}
      {jobs.hasNextPage && (
        <div className={classes.more}>
          <Button
            size="xs"
            variant="default"
            loading={jobs.isFetchingNextPage}
            onClick={() => void jobs.fetchNextPage()}
          >
            Show more
          </Button>
        </div>
      )}
    </section>
  )
}
