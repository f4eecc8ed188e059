import { Button, Modal } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api } from '../api/client.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import classes from './confirm-change.module.css'

/** What is to be done to a member; leadership may go to whoever is furthest. */
export type Change = { do: 'promote' | 'remove'; member: string } | { do: 'transfer'; member?: string }

/** Asks once before the membership or the leadership changes, does it, and shows why it was refused. */
export function ConfirmChange({ change, onClose }: { change: Change | undefined; onClose(): void }) {
  // What is being closed keeps its words until it has faded away.
  const [shown, setShown] = useState(change)
  useEffect(() => {
    if (change !== undefined) setShown(change)
  }, [change])
  const queries = useQueryClient()
  const options = {
    onSuccess: onClose,
    onSettled: () => queries.invalidateQueries({ queryKey: ['get', '/v1/cluster'] }),
  }
  const promote = api.useMutation('post', '/v1/cluster/members/{member}/promote', options)
  const remove = api.useMutation('delete', '/v1/cluster/members/{member}', options)
  const transfer = api.useMutation('post', '/v1/cluster/transfer', options)
  const all = [promote, remove, transfer]
  const error = all.map((mutation) => mutation.error).find((one) => one !== null)
  const close = () => {
    for (const mutation of all) mutation.reset()
    onClose()
  }
  const run = () => {
    if (shown === undefined) return
    if (shown.do === 'transfer')
      return transfer.mutate({ body: shown.member === undefined ? {} : { to: shown.member } })
    const params = { path: { member: shown.member } }
    if (shown.do === 'promote') promote.mutate({ params })
    else remove.mutate({ params })
  }
  const { title, text, verb } = wordsOf(shown)
  return (
    <Modal opened={change !== undefined} onClose={close} title={title} lockScroll={false} centered>
      <div className={classes.body}>
        <p>{text}</p>
        {error !== undefined && <ErrorNote error={error} />}
        <div className={classes.buttons}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button
            {...(shown?.do === 'remove' ? { color: 'red' } : {})}
            loading={all.some(({ isPending }) => isPending)}
            onClick={run}
          >
            {verb}
          </Button>
        </div>
      </div>
    </Modal>
  )
}

function wordsOf(change: Change | undefined): { title: string; text: string; verb: string } {
  switch (change?.do) {
    case 'promote':
      return {
        title: `Let ${change.member} vote?`,
        text: 'It counts towards the majority that every change needs. It must have caught up.',
        verb: 'Promote',
      }
    case 'remove':
      return {
        title: `Remove ${change.member}?`,
        text: 'Its node stops. To come back it has to join again as a new member, with an empty data folder. If it leads, it hands leadership over first.',
        verb: `Remove ${change.member}`,
      }
    case 'transfer':
      return {
        title: change.member === undefined ? 'Hand leadership over?' : `Hand leadership to ${change.member}?`,
        text: 'Changes wait for a moment. Runs that are under way go on.',
        verb: 'Hand over',
      }
    case undefined:
      return { title: '', text: '', verb: '' }
  }
}
