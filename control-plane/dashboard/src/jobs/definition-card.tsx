import type { Job, ResolvedJobDefinition } from '@cronclave/openapi'
import { Link } from '@tanstack/react-router'
import { momentWords } from '../runs/run-words.ts'
import { Facts } from '../ui/facts.tsx'
import { JsonBlock } from '../ui/json-block.tsx'
import { StateBadge } from '../ui/state-badge.tsx'
import { ExactTime } from '../ui/time.tsx'
import { ownerWords } from './code-owner.tsx'
import classes from './definition-card.module.css'

/** What a job calls and how, in words, and the whole definition as JSON. */
export function DefinitionCard({ namespace, job }: { namespace: string; job: Job }) {
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
            ['Sharding', shardingWords(definition)],
            ['If uncertain', definition.onUncertain],
            [
              'Starts',
              (definition.children ?? []).length > 0 && (
                <Children namespace={namespace} links={definition.children ?? []} />
              ),
            ],
            ['Pauses after', pauseWords(definition.pauseAfterFailures)],
            ['Kept by', job.managedBy && <Owner key="owner" owner={job.managedBy} />],
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

function Owner({ owner }: { owner: NonNullable<Job['managedBy']> }) {
  return (
    <>
      {ownerWords(owner)} <StateBadge state={owner.status} />
    </>
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

function shardingWords({ sharding }: ResolvedJobDefinition): string | undefined {
  if (sharding === undefined) return undefined
  const items = sharding.items === undefined ? `${sharding.count ?? 0} items` : `${sharding.items.length} named items`
  return sharding.mode === 'per-item' ? `${items}, one request each` : `${items}, shared out`
}

function pauseWords(failures: number | undefined): string | undefined {
  return failures === undefined || failures === 0 ? undefined : `${failures} failures in a row`
}

function Children({ namespace, links }: { namespace: string; links: ResolvedJobDefinition['children'] }) {
  return (
    <ul className={classes.children}>
      {links.map(({ job, on }) => (
        <li key={`${job} ${on}`}>
          <Link className={classes.link} to="/n/$ns/jobs/$job" params={{ ns: namespace, job }}>
            {job}
          </Link>{' '}
          <span className="dim">at its {momentWords(on)}</span>
        </li>
      ))}
    </ul>
  )
}
