import type { Run } from '@cronclave/openapi'
import { Button, Modal } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { explain } from '../api/problem.ts'
import { parseParams } from '../jobs/params.ts'
import { ExecutorField, ParamsField, randomKey } from '../jobs/request-fields.tsx'
import { faultsBelow, faultText } from '../params/faults.ts'
import { ErrorNote } from '../ui/error-note.tsx'
import classes from '../jobs/trigger-modal.module.css'
import { rerunChoices } from './shard-words.ts'

type Only = 'all' | 'failed'

/** Does a finished run again, all of it or only the shards that failed; then shows the new run. */
export function RerunButtons({ namespace, run }: { namespace: string; run: Run }) {
  const [only, setOnly] = useState<Only>('all')
  const [opened, setOpened] = useState(false)
  const choices = rerunChoices(run)
  const open = (which: Only) => () => {
    setOnly(which)
    setOpened(true)
  }
  return (
    <>
      {choices.failed && (
        <Button size="xs" leftSection={<IconRefresh size={14} aria-hidden />} onClick={open('failed')}>
          Rerun failed shards
        </Button>
      )}
      {choices.all && (
        <Button size="xs" variant="default" leftSection={<IconRefresh size={14} aria-hidden />} onClick={open('all')}>
          {choices.failed ? 'Rerun all' : 'Rerun'}
        </Button>
      )}
      <RerunModal
        key={`${only} ${opened}`}
        namespace={namespace}
        run={run}
        only={only}
        opened={opened}
        onClose={() => setOpened(false)}
      />
    </>
  )
}

interface Props {
  namespace: string
  run: Run
  only: Only
  opened: boolean
  onClose(): void
}

function RerunModal({ namespace, run, only, opened, onClose }: Props) {
  const navigate = useNavigate()
  const [text, setText] = useState('')
  const [executor, setExecutor] = useState('')
  const [key, setKey] = useState(randomKey)
  const { data: job } = api.useQuery(
    'get',
    '/v1/namespaces/{namespace}/jobs/{job}',
    { params: { path: { namespace, job: run.job } } },
    { enabled: opened, retry: false },
  )
  const rerun = api.useMutation('post', '/v1/namespaces/{namespace}/runs/{run}/rerun')
  const parsed = parseParams(text)
  const send = () => {
    if (!parsed.ok) return
    const params = { path: { namespace, run: run.id }, header: { 'Idempotency-Key': key } }
    const body = { only, params: parsed.params, ...(executor === '' ? {} : { executor }) }
    rerun.mutate(
      { params, body },
      {
        onSuccess: (made) => {
          onClose()
          void navigate({ to: '/n/$ns/runs/$run', params: { ns: namespace, run: made.id } })
        },
      },
    )
  }
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={only === 'failed' ? 'Run the failed shards again' : 'Run it again'}
      lockScroll={false}
      centered
      size="lg"
    >
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault()
          send()
        }}
      >
        <p>
          A new run with the same fire time and parameters, under the present definition of the job
          {only === 'failed' ? '; each shard that failed, with the items that it had' : ''}.
        </p>
        <ParamsField
          value={text}
          parsed={parsed}
          rows={4}
          fault={faultText(faultsBelow(rerun.error === null ? [] : explain(rerun.error).faults, '/params'))}
          description="JSON, merged over those of the run; empty: the same"
          onChange={(typed) => {
            setText(typed)
            setKey(randomKey())
          }}
          onSubmit={send}
        />
        <ExecutorField
          namespace={namespace}
          target={job?.definition.target}
          value={executor}
          enabled={opened}
          onChange={(chosen) => {
            setExecutor(chosen)
            setKey(randomKey())
          }}
        />
        {rerun.error !== null && <ErrorNote error={rerun.error} />}
        <div className={classes.buttons}>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" disabled={!parsed.ok} loading={rerun.isPending}>
            {only === 'failed' ? 'Rerun failed shards' : 'Rerun'}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
