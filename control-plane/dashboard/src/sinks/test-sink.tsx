import type { Sink } from '@cronclave/openapi'
import { Button, Modal, Skeleton } from '@mantine/core'
import { useEffect } from 'react'
import { api } from '../api/client.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import classes from './sinks-page.module.css'
import { TestSteps } from './test-steps.tsx'

/** Tries a sink as it is saved. */
export function TestSink({ sink, onClose }: { sink: Sink | undefined; onClose(): void }) {
  const test = api.useMutation('post', '/v1/sinks/{sink}/test')
  const { mutate } = test
  const name = sink?.name
  useEffect(() => {
    if (name !== undefined) mutate({ params: { path: { sink: name } } })
  }, [name, mutate])
  return (
    <Modal opened={sink !== undefined} onClose={onClose} title={`Test ${name ?? ''}`} lockScroll={false} centered>
      <div className={classes.body}>
        {test.isPending && <Skeleton height={120} aria-label="The sink is being tried" />}
        {test.error !== null && <ErrorNote error={test.error} />}
        {test.data !== undefined && <TestSteps test={test.data} />}
        <div className={classes.buttons}>
          <Button onClick={onClose}>Close</Button>
        </div>
      </div>
    </Modal>
  )
}
