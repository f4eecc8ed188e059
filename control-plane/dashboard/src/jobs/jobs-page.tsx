import { useDocumentTitle } from '@mantine/hooks'
import { Overview } from '../stats/overview.tsx'
import { RunFeed } from '../runs/run-feed.tsx'
import { JobsCard } from './jobs-card.tsx'
import classes from './jobs-page.module.css'

/** The first page: how things are, the jobs, and what runs at this moment. */
export function JobsPage({ namespace }: { namespace: string }) {
  useDocumentTitle(`Jobs of ${namespace} · Cronclave`)
  return (
    <div className={classes.layout}>
      <h1 className="skip-heading">Jobs of {namespace}</h1>
      <div className={classes.main}>
        <Overview namespace={namespace} />
        <JobsCard namespace={namespace} />
      </div>
      <aside className={classes.aside}>
        <RunFeed namespace={namespace} />
      </aside>
    </div>
  )
}
