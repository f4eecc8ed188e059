import type { Channel, ChannelDefinition } from '@cronclave/openapi'
import { Button, Modal } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { type FormEvent, useEffect, useState } from 'react'
import { explain } from '../api/problem.ts'
import { Field } from '../editor/field.tsx'
import { type Draft, read, write } from '../editor/pointer.ts'
import type { FieldSpec } from '../editor/sections.ts'
import { lines } from '../editor/text-forms.ts'
import { CopyBlock } from '../ui/copy-block.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { CHANNEL_KINDS } from './alert-words.ts'
import { type Of, usePutChannel, useRecipients } from './alerts-api.ts'
import classes from './alerts.module.css'

type TargetKind = Channel['target']['kind']

const FIRST: Draft = { target: { kind: 'email' } }
const words = { show: String, read: (value: string) => ({ value: value === '' ? undefined : value }) }
const KEPT = 'Stored; write another to replace it'

interface Props {
  of: Of
  /** Absent: the form is closed. */
  channel: Channel | 'new' | undefined
  onClose(): void
}

/** Makes a channel, or changes one that is there. A secret that was stored is never shown, and stays unless another is written. */
export function ChannelForm({ of, channel, onClose }: Props) {
  const [draft, setDraft] = useState<Draft>(FIRST)
  const [name, setName] = useState('')
  // Text that is written keeps what was typed: when addresses are picked it is shown anew.
  const [picked, setPicked] = useState(0)
  const put = usePutChannel(of)
  const { reset } = put
  useEffect(() => {
    if (channel === undefined) return
    setDraft(channel === 'new' ? FIRST : definitionOf(channel))
    setName(channel === 'new' ? '' : channel.name)
    reset()
  }, [channel, reset])
  const isNew = channel === 'new'
  const stored = channel === undefined || channel === 'new' ? undefined : channel
  const generated = put.data?.secret
  const save = (event: FormEvent) => {
    event.preventDefault()
    const body = draft as unknown as ChannelDefinition
    const done = { onSuccess: ({ secret }: { secret?: string }) => (secret === undefined ? onClose() : undefined) }
    put.mutate({ name: name.trim(), version: stored?.version, body }, done)
  }
  const faults = new Map(put.error === null ? [] : explain(put.error).faults.map((one) => [one.pointer, one.detail]))
  const change = (pointer: string, value: unknown) =>
    setDraft((old) => (pointer === '/target/kind' ? { ...old, target: { kind: value } } : write(old, pointer, value)))
  return (
    <Modal
      opened={channel !== undefined}
      onClose={onClose}
      title={isNew ? 'New channel' : `Change ${name}`}
      lockScroll={false}
      centered
      size="lg"
    >
      {generated !== undefined ? (
        <Generated secret={generated} onClose={onClose} />
      ) : (
        <form className={classes.form} onSubmit={save} noValidate>
          <div className={classes.fields}>
            {isNew && (
              <Field
                spec={{ pointer: '/name', label: 'Name', hint: 'Letters, digits and . _ -' }}
                namespace=""
                draft={{ name }}
                faults={faults}
                onChange={(_pointer, value) => setName(typeof value === 'string' ? value : '')}
              />
            )}
            {fieldsFor(read(draft, '/target/kind') as TargetKind, stored).map((spec) => (
              <Field
                key={`${String(read(draft, '/target/kind'))} ${spec.pointer} ${spec.pointer === '/target/to' ? picked : 0}`}
                spec={spec}
                namespace=""
                draft={draft}
                faults={faults}
                onChange={change}
              />
            ))}
          </div>
          {read(draft, '/target/kind') === 'email' && (
            <Recipients
              of={of}
              to={(read(draft, '/target/to') ?? []) as string[]}
              onPick={(to) => {
                change('/target/to', to)
                setPicked(picked + 1)
              }}
            />
          )}
          {put.error !== null && <ErrorNote error={put.error} />}
          <div className={classes.buttons}>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={put.isPending} disabled={isNew && name.trim() === ''}>
              {isNew ? 'Create' : 'Save'}
            </Button>
          </div>
        </form>
      )}
    </Modal>
  )
}

/** All that is saved: what is left out of it would be gone. */
function definitionOf({ target: { origin: _origin, ...target }, messagesMax, window, template }: Channel): Draft {
  return { target, messagesMax, window, ...(template === undefined ? {} : { template }) }
}

function fieldsFor(kind: TargetKind, stored: Channel | undefined): readonly FieldSpec[] {
  const kinds = Object.entries(CHANNEL_KINDS).map(([value, label]) => ({ value, label }))
  return [
    { pointer: '/target/kind', label: 'Kind', kind: { choices: kinds } },
    ...(kind === 'email' ? mailFields(stored) : hookFields(kind, stored)),
    { pointer: '/messagesMax', label: 'Messages at most', hint: 'More are summed up', kind: 'number', fallback: '10' },
    { pointer: '/window', label: 'Within', hint: 'Such as 1m or 1h', fallback: '1m' },
    { pointer: '/template/title', label: 'Title', hint: 'Empty: the usual one. Such as {{rule}}: {{subject}}' },
    {
      pointer: '/template/body',
      label: 'Words',
      hint: 'In place of what happened: {{summary}}',
      kind: { form: words, rows: 2 },
    },
  ]
}

function mailFields(stored: Channel | undefined): readonly FieldSpec[] {
  return [
    { pointer: '/target/host', label: 'Mail server' },
    {
      pointer: '/target/security',
      label: 'Encryption',
      kind: { choices: ['starttls', 'tls', 'none'] },
      fallback: 'starttls',
    },
    { pointer: '/target/port', label: 'Port', hint: 'Empty: 587, or 465 for tls', kind: 'number' },
    { pointer: '/target/from', label: 'From', hint: 'Such as cronclave@example.com' },
    { pointer: '/target/user', label: 'User', hint: 'Empty: without login' },
    secretField('/target/password', 'Password', stored?.secrets.includes('password')),
    {
      pointer: '/target/to',
      label: 'Recipients',
      hint: 'One address a line',
      kind: { form: lines, rows: 3 },
    },
  ]
}

function hookFields(kind: TargetKind, stored: Channel | undefined): readonly FieldSpec[] {
  const known = stored?.target.kind === kind ? stored.secrets : []
  const label = kind === 'webhook' ? 'URL' : 'URL of the incoming webhook'
  const url = secretField('/target/url', label, known.includes('url'))
  if (kind === 'slack' || kind === 'wecom') return [url]
  const hint = kind === 'webhook' ? 'Empty: one is made and shown once' : 'Of a bot that signs; empty for none'
  return [url, secretField('/target/secret', 'Secret', known.includes('secret'), hint)]
}

function secretField(pointer: string, label: string, isStored = false, hint = ''): FieldSpec {
  return { pointer, label, hint: isStored ? KEPT : hint, kind: 'secret' }
}

/** Addresses that channels know already, to be picked. */
function Recipients({ of, to, onPick }: { of: Of; to: readonly string[]; onPick(to: string[]): void }) {
  const { data } = useRecipients(of)
  const others = (data?.items ?? []).filter((address) => !to.includes(address))
  if (others.length === 0) return null
  return (
    <fieldset className={classes.set}>
      <legend>Known addresses</legend>
      <div className={classes.chips}>
        {others.map((address) => (
          <Button
            key={address}
            size="compact-xs"
            variant="default"
            leftSection={<IconPlus size={12} aria-hidden />}
            onClick={() => onPick([...to, address])}
          >
            {address}
          </Button>
        ))}
      </div>
    </fieldset>
  )
}

function Generated({ secret, onClose }: { secret: string; onClose(): void }) {
  return (
    <div className={classes.form}>
      <p>Whoever receives the messages checks them with this secret. It is not shown again.</p>
      <CopyBlock label="Secret of the webhook" text={secret} />
      <div className={classes.buttons}>
        <Button onClick={onClose}>Done</Button>
      </div>
    </div>
  )
}
