import type { Run } from '@cronclave/openapi'
import { Button, Modal } from '@mantine/core'
import { IconBan } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import classes from './cancel-button.module.css'

/** Cancels a run after asking once, because it cannot be taken back. */
export function CancelButton({ namespace, run }: { namespace: string; run: Run }) {
  const [opened, setOpened] = useState(false)
  const queries = useQueryClient()
  const cancel = api.useMutation('post', '/v1/namespaces/{namespace}/runs/{run}/cancel', {
    onSuccess: () => setOpened(false),
    onSettled: () => queries.invalidateQueries({ queryKey: ['get', '/v1/namespaces/{namespace}/runs/{run}'] }),
  })
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconBan size={14} aria-hidden />}
        onClick={() => setOpened(true)}
      >
        Cancel run
      </Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title="Cancel this run?" lockScroll={false} centered>
        <div className={classes.body}>
          <p>
            It ends as cancelled, whatever its executor still answers. A handler that does not listen to its signal may
            work on for a moment.
          </p>
          {cancel.error !== null && <ErrorNote error={cancel.error} />}
          <div className={classes.buttons}>
            <Button variant="default" onClick={() => setOpened(false)}>
              Keep it running
            </Button>
            <Button
              color="red"
              loading={cancel.isPending}
              onClick={() => cancel.mutate({ params: { path: { namespace, run: run.id } } })}
            >
              Cancel run
            </Button>
          </div>
        </div>
      </Modal>
    </>
  )
}
