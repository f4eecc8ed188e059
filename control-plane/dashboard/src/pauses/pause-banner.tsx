import type { Namespace } from '@cronclave/openapi'
import { Alert, Button } from '@mantine/core'
import { IconPlayerPause } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { api } from '../api/client.ts'
import { notifyError } from '../ui/notify.ts'
import { Ago } from '../ui/time.tsx'
import classes from './pauses.module.css'

const REFRESH_MS = 10_000

/** Says on every page that schedules stand still, who stopped them, and lets them go on. */
export function PauseBanner({ namespace, seesCluster }: { namespace: string; seesCluster: boolean }) {
  const queries = useQueryClient()
  const { data: own } = api.useQuery(
    'get',
    '/v1/namespaces/{namespace}',
    { params: { path: { namespace } } },
    { refetchInterval: REFRESH_MS },
  )
  const { data: all } = api.useQuery('get', '/v1/scheduler', {}, { enabled: seesCluster, refetchInterval: REFRESH_MS })
  const resumeOwn = api.useMutation('post', '/v1/namespaces/{namespace}/resume', {
    onError: notifyError,
    onSettled: () => queries.invalidateQueries({ queryKey: ['get', '/v1/namespaces/{namespace}'] }),
  })
  const resumeAll = api.useMutation('post', '/v1/scheduler/resume', {
    onError: notifyError,
    onSettled: () => queries.invalidateQueries({ queryKey: ['get', '/v1/scheduler'] }),
  })
  return (
    <>
      {all?.paused !== undefined && (
        <Standing
          title="The scheduler is paused: no schedule of any namespace fires"
          paused={all.paused}
          busy={resumeAll.isPending}
          onResume={() => resumeAll.mutate({})}
        />
      )}
      {own?.paused !== undefined && (
        <Standing
          title={`The schedules of ${namespace} are paused`}
          paused={own.paused}
          busy={resumeOwn.isPending}
          onResume={() => resumeOwn.mutate({ params: { path: { namespace } } })}
        />
      )}
    </>
  )
}

interface StandingProps {
  title: string
  paused: NonNullable<Namespace['paused']>
  busy: boolean
  onResume(): void
}

function Standing({ title, paused, busy, onResume }: StandingProps) {
  return (
    <Alert color="orange" variant="light" icon={<IconPlayerPause size={16} aria-hidden />} title={title}>
      <div className={classes.banner}>
        <span>
          By {paused.by}, <Ago at={paused.at} />. Fires are recorded as paused and not made up for.
        </span>
        <Button size="xs" variant="default" loading={busy} onClick={onResume}>
          Resume
        </Button>
      </div>
    </Alert>
  )
}
