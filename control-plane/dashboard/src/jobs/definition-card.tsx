import type { Job, ResolvedJobDefinition } from '@cronclave/openapi'
import { Facts } from '../ui/facts.tsx'
import { JsonBlock } from '../ui/json-block.tsx'
import { ExactTime } from '../ui/time.tsx'
import classes from './definition-card.module.css'

/** What a job calls and how, in words, and the whole definition as JSON. */
export function DefinitionCard({ job }: { job: Job }) {
  const { definition } = job
  return (
    <section className="card" aria-labelledby="definition-title">
      <div className="card-head">
        <h2 id="definition-title">Definition</h2>
        <span className="dim num">version {job.version}</span>
      </div>
      <div className={classes.body}>
        <Facts
          rows={[
            ['Calls', <Target key="target" target={definition.target} />],
            ['Timeout', definition.timeout],
            ['Retries', retryWords(definition.retry)],
            ['Overlap', definition.overlap],
            ['Missed fires', definition.misfire?.policy],
            ['Routing', definition.routing?.strategy],
            ['If uncertain', definition.onUncertain],
            ['Created', <By key="created" at={job.createdAt} who={job.createdBy} />],
            ['Changed', job.updatedAt === job.createdAt ? undefined : <By at={job.updatedAt} who={job.updatedBy} />],
          ]}
        />
        <details className={classes.all}>
          <summary>All fields</summary>
          <JsonBlock label="Definition" value={definition} />
        </details>
      </div>
    </section>
  )
}

function Target({ target }: { target: ResolvedJobDefinition['target'] }) {
  if (target === undefined) return null
  if (target.kind === 'handler') {
    return (
      <>
        Handler <code>{target.handler}</code> of {target.service}
      </>
    )
  }
  return (
    <>
      <code>
        {target.method} {target.url ?? target.path}
      </code>
      {target.service !== undefined && ` of ${target.service}`}
    </>
  )
}

function retryWords(retry: ResolvedJobDefinition['retry']): string | undefined {
  if (retry === undefined) return undefined
  const { max } = retry
  if (max === undefined || max === 0) return 'none'
  return `${max}, ${retry.backoff} from ${retry.delay}`
}

function By({ at, who }: { at: string; who: string }) {
  return (
    <>
      <ExactTime at={at} /> by {who}
    </>
  )
}
