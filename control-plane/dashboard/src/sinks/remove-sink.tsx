import type { Sink } from '@cronclave/openapi'
import { Button, Modal } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api } from '../api/client.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import { formatCount } from '../ui/format.ts'
import classes from './sinks-page.module.css'

/** Asks once before a sink is removed, and says what stays. */
export function RemoveSink({ sink, onClose }: { sink: Sink | undefined; onClose(): void }) {
  // What is being closed keeps its words until it has faded away.
  const [shown, setShown] = useState(sink)
  const queries = useQueryClient()
  const remove = api.useMutation('delete', '/v1/sinks/{sink}', {
    onSuccess: onClose,
    onSettled: () => queries.invalidateQueries({ queryKey: ['get', '/v1/sinks'] }),
  })
  const { reset } = remove
  useEffect(() => {
    if (sink === undefined) return
    setShown(sink)
    reset()
  }, [sink, reset])
  if (shown === undefined) return null
  const { name, rows, delivery } = shown
  return (
    <Modal opened={sink !== undefined} onClose={onClose} title={`Remove ${name}?`} lockScroll={false} centered>
      <div className={classes.body}>
        <p>
          It gets no more rows. Its database keeps the {formatCount(rows)} that it has
          {delivery !== undefined && delivery.lagRows > 0
            ? `, without the ${formatCount(delivery.lagRows)} that it does not have yet`
            : ''}
          . Queries beyond what the ledger keeps are not answered from it any more.
        </p>
        {remove.error !== null && <ErrorNote error={remove.error} />}
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            color="red"
            loading={remove.isPending}
            onClick={() => remove.mutate({ params: { path: { sink: name } } })}
          >
            Remove {name}
          </Button>
        </div>
      </div>
    </Modal>
  )
}
