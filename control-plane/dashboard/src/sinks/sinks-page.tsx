import type { Sink } from '@cronclave/openapi'
import { Button, Skeleton } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { RemoveSink } from './remove-sink.tsx'
import { SinkForm } from './sink-form.tsx'
import classes from './sinks-page.module.css'
import { SinksTable } from './sinks-table.tsx'
import { TestSink } from './test-sink.tsx'
import { VerifySink } from './verify-sink.tsx'

const REFRESH_MS = 2_000

/** What is to be done with a sink. */
export type SinkAction = { do: 'edit' | 'test' | 'verify' | 'remove'; sink: Sink } | { do: 'add' }

/** Databases that get every row of the ledger: how far each is, what is wrong with it, and what can be done about it. */
export default function SinksPage() {
  useDocumentTitle('Sinks · Cronclave')
  const { data: session } = api.useQuery('get', '/v1/session')
  const { data, error } = api.useQuery(
    'get',
    '/v1/sinks',
    { params: { query: { limit: 500, consistency: 'local' } } },
    { refetchInterval: REFRESH_MS },
  )
  const [action, setAction] = useState<SinkAction | undefined>(undefined)
  const mayChange = session?.scope === 'admin'
  const close = () => setAction(undefined)
  const of = (what: SinkAction['do']) => (action !== undefined && action.do === what ? action : undefined)
  return (
    <section className="card" aria-labelledby="sinks-title">
      <div className="card-head">
        <h1 id="sinks-title">Sinks</h1>
        <span className="dim">Databases that get every row of the ledger</span>
        {mayChange && (
          <span className="push">
            <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setAction({ do: 'add' })}>
              Add sink
            </Button>
          </span>
        )}
      </div>
      {error !== null && (
        <div className="card-body">
          <ErrorNote error={error} />
        </div>
      )}
      {data === undefined && error === null && (
        <div className="card-body">
          <Skeleton height={160} />
        </div>
      )}
      {data?.items.length === 0 && (
        <div className={classes.none}>
          <p>There are no sinks. The ledger answers every query by itself, as far back as it is kept.</p>
          <p className="dim">
            With a sink every run, attempt, stretch of skipped fires and late result is also written to a MySQL,
            MariaDB, TiDB or Vitess database, where it stays.
          </p>
        </div>
      )}
      {data !== undefined && data.items.length > 0 && (
        <SinksTable sinks={data.items} mayChange={mayChange} onAction={setAction} />
      )}
      <SinkForm action={of('add') ?? of('edit')} onClose={close} />
      <TestSink sink={sinkIn(of('test'))} onClose={close} />
      <VerifySink sink={sinkIn(of('verify'))} onClose={close} />
      <RemoveSink sink={sinkIn(of('remove'))} onClose={close} />
    </section>
  )
}

function sinkIn(action: SinkAction | undefined): Sink | undefined {
  return action !== undefined && 'sink' in action ? action.sink : undefined
}
