import type { Job } from '@cronclave/openapi'
import { Button, Modal } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { sender } from '../api/client.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import classes from './versions-card.module.css'

/** Takes a job out of the hands of its code, as it is, once somebody has read what that means. */
export function DetachButton({ namespace, job }: { namespace: string; job: Job }) {
  const queries = useQueryClient()
  const [opened, setOpened] = useState(false)
  const [error, setError] = useState<unknown>(undefined)
  const [busy, setBusy] = useState(false)
  const { target } = job.definition
  if (target === undefined) return null
  const detach = async () => {
    setBusy(true)
    setError(undefined)
    const path = { namespace, job: job.name }
    const header = { 'If-Match': `"${job.version}"` }
    const params = { path, header, query: { detach: true } }
    try {
      const put = await sender.PUT('/v1/namespaces/{namespace}/jobs/{job}', {
        params,
        body: { ...job.definition, target },
      })
      if (put.error !== undefined) throw put.error
      await queries.invalidateQueries({ queryKey: ['get', '/v1/namespaces/{namespace}/jobs/{job}'] })
      setOpened(false)
    } catch (failure) {
      setError(failure)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={() => setOpened(true)}>
        Detach from code
      </Button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={`Take ${job.name} out of its code?`}
        lockScroll={false}
        centered
      >
        <div className={classes.body}>
          <p>
            It goes on as it is, and everything in it may be changed here. Newer revisions leave it alone until somebody
            gives it back with <code>cronclave apply --adopt</code>.
          </p>
          {error !== undefined && <ErrorNote error={error} />}
          <div className={classes.buttons}>
            <Button variant="default" onClick={() => setOpened(false)}>
              Cancel
            </Button>
            <Button loading={busy} onClick={() => void detach()}>
              Detach
            </Button>
          </div>
        </div>
      </Modal>
    </>
  )
}
