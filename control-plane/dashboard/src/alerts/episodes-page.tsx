import type { Alert } from '@cronclave/openapi'
import { Button, NativeSelect, Skeleton, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { ErrorNote } from '../ui/error-note.tsx'
import { formatCount } from '../ui/format.ts'
import { StateBadge } from '../ui/state-badge.tsx'
import { Ago, Took } from '../ui/time.tsx'
import { AdvisedRules } from './advised-rules.tsx'
import { subjectWords } from './alert-words.ts'
import { type AlertFilter, type Of, useAlertPages } from './alerts-api.ts'
import classes from './alerts.module.css'

const PAGE = 50
type State = '' | 'firing' | 'resolved'

/** What fires now, and below it what is over. */
export default function EpisodesPage({ namespace, of }: { namespace: string; of: Of }) {
  const [state, setState] = useState<State>('')
  const [typedRule, setRule] = useState('')
  const [typedJob, setJob] = useState('')
  const [rule] = useDebouncedValue(typedRule.trim(), 300)
  const [job] = useDebouncedValue(typedJob.trim(), 300)
  const filter = { ...(rule === '' ? {} : { rule }), ...(job === '' ? {} : { job }) }
  const filters = (
    <div className={`push ${classes.filters}`}>
      <TextInput
        size="xs"
        aria-label="Rule, by its exact name"
        placeholder="Rule, exact name"
        value={typedRule}
        maxLength={100}
        onChange={(event) => setRule(event.currentTarget.value)}
      />
      <TextInput
        size="xs"
        aria-label="Job, by its exact name"
        placeholder="Job, exact name"
        value={typedJob}
        maxLength={100}
        onChange={(event) => setJob(event.currentTarget.value)}
      />
      <NativeSelect
        size="xs"
        aria-label="State"
        value={state}
        onChange={(event) => setState(event.currentTarget.value as State)}
        data={[
          { value: '', label: 'All states' },
          { value: 'firing', label: 'Firing' },
          { value: 'resolved', label: 'Resolved' },
        ]}
      />
    </div>
  )
  return (
    <>
      <AdvisedRules />
      {state !== 'resolved' && (
        <Episodes
          title="Firing"
          nothing="Nothing fires."
          namespace={namespace}
          of={of}
          filter={{ ...filter, state: 'firing' }}
        >
          {filters}
        </Episodes>
      )}
      {state !== 'firing' && (
        <Episodes
          title="Resolved"
          nothing="Nothing has fired yet."
          namespace={namespace}
          of={of}
          filter={{ ...filter, state: 'resolved' }}
        >
          {state === 'resolved' && filters}
        </Episodes>
      )}
    </>
  )
}

interface ListProps {
  title: string
  nothing: string
  namespace: string
  of: Of
  filter: AlertFilter
  children: React.ReactNode
}

function Episodes({ title, nothing, namespace, of, filter, children }: ListProps) {
  const alerts = useAlertPages(of, filter, PAGE)
  const items = alerts.data?.pages.flatMap((page) => page.items)
  return (
    <section className="card" aria-label={title}>
      <div className="card-head">
        <h2>{title}</h2>
        {items !== undefined && items.length > 0 && (
          <span className="dim num">
            {formatCount(items.length)}
            {alerts.hasNextPage ? ' and more' : ''}
          </span>
        )}
        {children}
      </div>
      {alerts.error !== null && (
        <div className="card-body">
          <ErrorNote error={alerts.error} />
        </div>
      )}
      {items === undefined && alerts.error === null && (
        <div className="card-body">
          <Skeleton height={60} />
        </div>
      )}
      {items?.length === 0 && <p className={classes.none}>{nothing}</p>}
      {items !== undefined && items.length > 0 && <Table namespace={namespace} of={of} alerts={items} />}
      {alerts.hasNextPage && (
        <div className={classes.more}>
          <Button
            size="xs"
            variant="default"
            loading={alerts.isFetchingNextPage}
            onClick={() => void alerts.fetchNextPage()}
          >
            Show more
          </Button>
        </div>
      )}
    </section>
  )
}

function Table({ namespace, of, alerts }: { namespace: string; of: Of; alerts: readonly Alert[] }) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">About</th>
          <th scope="col">Rule</th>
          <th scope="col">Times</th>
          <th scope="col">Began</th>
          <th scope="col">Lasted</th>
        </tr>
      </thead>
      <tbody>
        {alerts.map((alert) => (
          <tr key={alert.id}>
            <td data-label="State">
              <StateBadge state={alert.state} />
            </td>
            <td data-label="About">
              <div className={classes.cell}>
                <Link
                  className={classes.name}
                  to="/n/$ns/alerts/of/$alert"
                  params={{ ns: namespace, alert: alert.id }}
                  search={of === 'cluster' ? { of: 'cluster' as const } : {}}
                >
                  {subjectWords(alert.subject)}
                </Link>
                <span className={classes.under}>{alert.summary}</span>
              </div>
            </td>
            <td data-label="Rule">
              <div className={classes.cell}>
                {alert.rule}
                {alert.silence !== undefined && alert.toldAt === undefined && (
                  <span className={classes.under}>silenced</span>
                )}
              </div>
            </td>
            <td data-label="Times" className="num">
              {formatCount(alert.count)}
            </td>
            <td data-label="Began">
              <Ago at={alert.since} />
            </td>
            <td data-label="Lasted">
              <Took from={alert.since} to={alert.resolvedAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
