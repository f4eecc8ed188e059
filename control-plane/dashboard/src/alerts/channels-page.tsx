import type { Channel } from '@cronclave/openapi'
import { Button, Modal, Skeleton } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { ErrorNote } from '../ui/error-note.tsx'
import { formatCount } from '../ui/format.ts'
import { notifyError } from '../ui/notify.ts'
import { StateBadge } from '../ui/state-badge.tsx'
import { Ago } from '../ui/time.tsx'
import { CHANNEL_KINDS, targetWords } from './alert-words.ts'
import { type Of, useChannels, useDeleteChannel, useMessages, useTestChannel } from './alerts-api.ts'
import classes from './alerts.module.css'
import { ChannelForm } from './channel-form.tsx'
import { ConfirmDelete } from './confirm-delete.tsx'
import { MessagesTable } from './messages-table.tsx'

/** How people are told: by mail, by webhook, in a chat. */
export default function ChannelsPage({ of }: { of: Of }) {
  const { data, error } = useChannels(of)
  const [editing, setEditing] = useState<Channel | 'new' | undefined>(undefined)
  const [deleting, setDeleting] = useState<string | undefined>(undefined)
  const [reading, setReading] = useState<string | undefined>(undefined)
  const remove = useDeleteChannel(of)
  return (
    <section className="card" aria-labelledby="channels-title">
      <div className="card-head">
        <h2 id="channels-title">Channels</h2>
        <Button
          className="push"
          size="xs"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => setEditing('new')}
        >
          New channel
        </Button>
      </div>
      {error !== null && (
        <div className="card-body">
          <ErrorNote error={error} />
        </div>
      )}
      {data === undefined && error === null && (
        <div className="card-body">
          <Skeleton height={60} />
        </div>
      )}
      {data?.items.length === 0 && <p className={classes.none}>There are no channels yet.</p>}
      {data !== undefined && data.items.length > 0 && (
        <ChannelsTable
          of={of}
          channels={data.items}
          onEdit={setEditing}
          onDelete={setDeleting}
          onMessages={setReading}
        />
      )}
      <ChannelForm of={of} channel={editing} onClose={() => setEditing(undefined)} />
      <ConfirmDelete
        name={deleting}
        text="What it was told goes with it. It is refused while a rule names it."
        error={remove.error}
        busy={remove.isPending}
        onDelete={(name) => remove.mutate(name, { onSuccess: () => setDeleting(undefined) })}
        onClose={() => {
          remove.reset()
          setDeleting(undefined)
        }}
      />
      <Modal
        opened={reading !== undefined}
        onClose={() => setReading(undefined)}
        title={`What ${reading ?? 'it'} was told`}
        lockScroll={false}
        centered
        size="xl"
      >
        {reading !== undefined && <Messages of={of} channel={reading} />}
      </Modal>
    </section>
  )
}

interface TableProps {
  of: Of
  channels: readonly Channel[]
  onEdit(channel: Channel): void
  onDelete(name: string): void
  onMessages(name: string): void
}

function ChannelsTable({ of, channels, onEdit, onDelete, onMessages }: TableProps) {
  const test = useTestChannel(of)
  const send = (name: string) => test.mutate(name, { onSuccess: () => onMessages(name), onError: notifyError })
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Channel</th>
          <th scope="col">Leads to</th>
          <th scope="col">State</th>
          <th scope="col">At most</th>
          <th scope="col">
            <span className="skip-heading">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {channels.map((channel) => (
          <tr key={channel.uid}>
            <td data-label="Channel">
              <div className={classes.cell}>
                <span className={classes.name}>{channel.name}</span>
                <span className={classes.under}>{CHANNEL_KINDS[channel.target.kind]}</span>
              </div>
            </td>
            <td data-label="Leads to">
              <span className={classes.cell}>{targetWords(channel.target)}</span>
            </td>
            <td data-label="State">
              <ChannelState channel={channel} />
            </td>
            <td data-label="At most" className="num">
              {channel.messagesMax} in {channel.window}
            </td>
            <td>
              <div className={classes.actions}>
                <Button
                  size="xs"
                  variant="default"
                  aria-label={`Test ${channel.name}`}
                  loading={test.isPending && test.variables === channel.name}
                  onClick={() => send(channel.name)}
                >
                  Test
                </Button>
                <Button size="xs" variant="default" onClick={() => onMessages(channel.name)}>
                  Messages
                </Button>
                <Button size="xs" variant="default" aria-label={`Edit ${channel.name}`} onClick={() => onEdit(channel)}>
                  Edit
                </Button>
                <Button
                  size="xs"
                  variant="default"
                  aria-label={`Delete ${channel.name}`}
                  onClick={() => onDelete(channel.name)}
                >
                  Delete
                </Button>
              </div>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function ChannelState({ channel: { trouble, open, heldBack } }: { channel: Channel }) {
  return (
    <div className={classes.cell}>
      {trouble === undefined ? <span className="dim">No trouble</span> : <StateBadge state="failed" />}
      {trouble !== undefined && (
        <span className={classes.error}>
          since <Ago at={trouble.since} />: {trouble.error}
        </span>
      )}
      {open > 0 && <span className={classes.under}>{formatCount(open)} on their way</span>}
      {heldBack !== undefined && heldBack > 0 && (
        <span className={classes.under}>{formatCount(heldBack)} wait for the summary</span>
      )}
    </div>
  )
}

const MESSAGES = 50

function Messages({ of, channel }: { of: Of; channel: string }) {
  const { data, error } = useMessages(of, channel, MESSAGES)
  if (data === undefined) return error === null ? <Skeleton height={120} /> : <ErrorNote error={error} />
  if (data.items.length === 0) return <p className="dim">Nothing yet.</p>
  return <MessagesTable messages={data.items} />
}
