import { NativeSelect, Skeleton } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import { api } from '../api/client.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { formatCount } from '../ui/format.ts'
import classes from './executors.module.css'
import { countWords } from './executor-words.ts'
import { ExecutorsTable } from './executors-table.tsx'
import { signingWords } from './signing-words.ts'

const REFRESH_MS = 2_000
const SHOWN_MAX = 200

interface Props {
  namespace: string
  service: string | undefined
  onService(service: string): void
}

/** The executors of a service: which of them get work, what they hold, and when they were last heard of. */
export default function ExecutorsPage({ namespace, service, onService }: Props) {
  useDocumentTitle('Executors · Cronclave')
  const services = api.useQuery(
    'get',
    '/v1/namespaces/{namespace}/services',
    { params: { path: { namespace }, query: { limit: 500 } } },
    { refetchInterval: REFRESH_MS },
  )
  const items = services.data?.items ?? []
  const chosen = items.find(({ name }) => name === service) ?? items[0]
  return (
    <section className="card" aria-labelledby="executors-title">
      <div className="card-head">
        <h1 id="executors-title">Executors</h1>
        {chosen !== undefined && <span className="dim">{countWords(chosen.executors)}</span>}
        {chosen !== undefined && (
          <span className={chosen.signing.weak ? classes.weak : 'dim'}>{signingWords(chosen.signing)}</span>
        )}
        {items.length > 0 && (
          <span className="push">
            <NativeSelect
              size="xs"
              aria-label="Service"
              value={chosen?.name ?? ''}
              data={items.map(({ name }) => name)}
              onChange={({ currentTarget }) => onService(currentTarget.value)}
            />
          </span>
        )}
      </div>
      {services.error !== null && (
        <div className="card-body">
          <ErrorNote error={services.error} />
        </div>
      )}
      {services.data === undefined && services.error === null && (
        <div className="card-body">
          <Skeleton height={160} />
        </div>
      )}
      {services.data !== undefined && chosen === undefined && (
        <p className={classes.none}>There are no services in this namespace, and so no executors.</p>
      )}
      {chosen !== undefined && <OfService key={chosen.name} namespace={namespace} service={chosen.name} />}
    </section>
  )
}

function OfService({ namespace, service }: { namespace: string; service: string }) {
  const { data, error } = api.useQuery(
    'get',
    '/v1/namespaces/{namespace}/services/{service}/executors',
    { params: { path: { namespace, service }, query: { limit: SHOWN_MAX } } },
    { refetchInterval: REFRESH_MS },
  )
  if (error !== null) {
    return (
      <div className="card-body">
        <ErrorNote error={error} />
      </div>
    )
  }
  if (data === undefined) {
    return (
      <div className="card-body">
        <Skeleton height={160} />
      </div>
    )
  }
  if (data.items.length === 0) {
    return <p className={classes.none}>No executor is listed, and none has registered itself.</p>
  }
  return (
    <>
      <ExecutorsTable executors={data.items} />
      {data.nextCursor !== undefined && (
        <p className={classes.none}>
          The first {formatCount(SHOWN_MAX)} are shown; <code>cronclave executor ls {service} --all</code> shows the
          others as well.
        </p>
      )}
    </>
  )
}
