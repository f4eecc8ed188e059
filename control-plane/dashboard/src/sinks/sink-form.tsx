import type { Sink, SinkDefinition, SinkTest } from '@cronclave/openapi'
import { Button, Modal, NativeSelect, NumberInput, PasswordInput, Textarea, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { sender } from '../api/client.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import type { SinkAction } from './sinks-page.tsx'
import classes from './sinks-page.module.css'
import { TestSteps } from './test-steps.tsx'

interface Typed extends Omit<Required<SinkDefinition>, 'name' | 'kind'> {
  name: string
}

const EMPTY: Typed = {
  name: '',
  host: '',
  port: 3306,
  user: '',
  password: '',
  database: '',
  tls: 'verify',
  ca: '',
  tablePrefix: 'cronclave_',
}

/** Adds a sink, or changes one; tries it before it is saved when asked to. */
export function SinkForm({ action, onClose }: { action: SinkAction | undefined; onClose(): void }) {
  // What is being closed keeps its words until it has faded away.
  const [shown, setShown] = useState(action)
  useEffect(() => {
    if (action !== undefined) setShown(action)
  }, [action])
  const sink = shown !== undefined && 'sink' in shown ? shown.sink : undefined
  return (
    <Modal
      opened={action !== undefined}
      onClose={onClose}
      title={sink === undefined ? 'Add a sink' : `Edit ${sink.name}`}
      lockScroll={false}
      centered
      size="lg"
    >
      <Form key={sink?.name ?? ''} sink={sink} onClose={onClose} />
    </Modal>
  )
}

function Form({ sink, onClose }: { sink: Sink | undefined; onClose(): void }) {
  const queries = useQueryClient()
  const [typed, setTyped] = useState<Typed>(() => (sink === undefined ? EMPTY : { ...EMPTY, ...editable(sink) }))
  const [test, setTest] = useState<SinkTest | undefined>(undefined)
  const [error, setError] = useState<unknown>(undefined)
  const [busy, setBusy] = useState<'test' | 'save' | undefined>(undefined)
  const set = (change: Partial<Typed>) => {
    setTyped({ ...typed, ...change })
    setTest(undefined)
    setError(undefined)
  }
  const working = async (what: 'test' | 'save', work: () => Promise<void>) => {
    setBusy(what)
    setError(undefined)
    await work().catch(setError)
    setBusy(undefined)
  }
  const request = () => ({ params: { path: { sink: typed.name.trim() } }, body: bodyOf(typed) })
  const tryIt = () =>
    working('test', async () => {
      const reply = await sender.POST('/v1/sinks/{sink}/test', request())
      if (reply.data === undefined) throw reply.error
      setTest(reply.data)
    })
  const save = () =>
    working('save', async () => {
      const { params, body } = request()
      const header = sink === undefined ? {} : { header: { 'If-Match': `"${sink.version}"` } }
      const reply = await sender.PUT('/v1/sinks/{sink}', { params: { ...params, ...header }, body })
      if (reply.data === undefined) throw reply.error
      await queries.invalidateQueries({ queryKey: ['get', '/v1/sinks'] })
      onClose()
    })
  const lacks = [typed.name, typed.host, typed.user, typed.database].some((text) => text.trim() === '')
  return (
    <form
      className={classes.body}
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <Inputs typed={typed} sink={sink} onChange={set} />
      {sink?.origin === 'file' && (
        <p className="dim">The configuration file names it, and puts it back when a leader takes office.</p>
      )}
      {error !== undefined && <ErrorNote error={error} />}
      {test !== undefined && <TestSteps test={test} />}
      <div className={classes.buttons}>
        <Button variant="default" disabled={lacks} loading={busy === 'test'} onClick={() => void tryIt()}>
          Test
        </Button>
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" disabled={lacks} loading={busy === 'save'}>
          Save
        </Button>
      </div>
    </form>
  )
}

function Inputs({
  typed,
  sink,
  onChange,
}: {
  typed: Typed
  sink: Sink | undefined
  onChange(change: Partial<Typed>): void
}) {
  const plain = { spellCheck: false, autoCapitalize: 'off', autoComplete: 'off' } as const
  return (
    <div className={classes.fields}>
      <TextInput
        {...plain}
        label="Name"
        value={typed.name}
        maxLength={100}
        disabled={sink !== undefined}
        data-autofocus={sink === undefined || undefined}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      <TextInput
        {...plain}
        label="Host"
        value={typed.host}
        maxLength={253}
        data-autofocus={sink !== undefined || undefined}
        onChange={(event) => onChange({ host: event.currentTarget.value })}
      />
      <NumberInput
        label="Port"
        value={typed.port}
        min={1}
        max={65_535}
        allowDecimal={false}
        hideControls
        onChange={(port) => onChange({ port: Number(port) })}
      />
      <TextInput
        {...plain}
        label="Database"
        description="It has to exist; the tables are made"
        value={typed.database}
        maxLength={64}
        onChange={(event) => onChange({ database: event.currentTarget.value })}
      />
      <TextInput
        {...plain}
        label="User"
        value={typed.user}
        maxLength={80}
        onChange={(event) => onChange({ user: event.currentTarget.value })}
      />
      <PasswordInput
        label="Password"
        description={sink?.hasPassword ? 'Empty: the one that there is stays' : 'Sealed, and never shown again'}
        value={typed.password}
        maxLength={1000}
        autoComplete="new-password"
        onChange={(event) => onChange({ password: event.currentTarget.value })}
      />
      <NativeSelect
        label="TLS"
        value={typed.tls}
        onChange={(event) => onChange({ tls: event.currentTarget.value === 'off' ? 'off' : 'verify' })}
        data={[
          { value: 'verify', label: 'Required, certificate verified' },
          { value: 'off', label: 'Off: in clear' },
        ]}
      />
      <TextInput
        {...plain}
        label="Table prefix"
        description="Begins the names of all tables"
        value={typed.tablePrefix}
        maxLength={32}
        onChange={(event) => onChange({ tablePrefix: event.currentTarget.value })}
      />
      {typed.tls === 'verify' && (
        <Textarea
          {...plain}
          className={classes.whole ?? ''}
          classNames={{ input: classes.pem ?? '' }}
          label="Trusted certificates"
          description="PEM: who may have signed the server's, and nobody else then. Empty: whom the nodes trust"
          value={typed.ca}
          rows={3}
          maxLength={65_536}
          onChange={(event) => onChange({ ca: event.currentTarget.value })}
        />
      )}
    </div>
  )
}

function editable({ name, host, port, user, database, tls, ca = '', tablePrefix }: Sink): Partial<Typed> {
  return { name, host, port, user, database, tls, ca, tablePrefix }
}

/** Certificates go as they are: other ones, be it by a line break, want the password again. */
function bodyOf({ name: _, password, ca, ...connection }: Typed): SinkDefinition {
  const { host, user, database, ...rest } = connection
  return {
    ...rest,
    host: host.trim(),
    user: user.trim(),
    database: database.trim(),
    ...(rest.tls === 'verify' ? { ca: ca.trim() === '' ? '' : ca } : {}),
    ...(password === '' ? {} : { password }),
  }
}
