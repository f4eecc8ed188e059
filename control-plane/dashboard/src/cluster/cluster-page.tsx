import type { Cluster } from '@cronclave/openapi'
import { Button, Skeleton } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import { IconAlertTriangle, IconArrowsExchange, IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { api } from '../api/client.ts'
import { PauseScheduler } from '../pauses/pause-button.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { AddMember } from './add-member.tsx'
import classes from './cluster-page.module.css'
import { toleration } from './cluster-words.ts'
import { ConfirmChange } from './confirm-change.tsx'
import { MembersTable } from './members-table.tsx'

const REFRESH_MS = 2_000

/** Who the cluster is made of, how each member is getting on, and what can be done about it. */
export default function ClusterPage() {
  useDocumentTitle('Cluster · Cronclave')
  const { data: session } = api.useQuery('get', '/v1/session')
  const { data, error } = api.useQuery('get', '/v1/cluster', {}, { refetchInterval: REFRESH_MS })
  const mayChange = session?.scope === 'admin'
  return (
    <>
      {data !== undefined && data.alarms.length > 0 && <Alarms alarms={data.alarms} />}
      <section className="card" aria-labelledby="cluster-title">
        <div className="card-head">
          <h1 id="cluster-title">Cluster</h1>
          {data !== undefined && <Summary cluster={data} />}
          {data !== undefined && mayChange && <Actions cluster={data} />}
        </div>
        {error !== null && (
          <div className="card-body">
            <ErrorNote error={error} />
          </div>
        )}
        {data === undefined && error === null && (
          <div className="card-body">
            <Skeleton height={160} />
          </div>
        )}
        {data !== undefined && <MembersTable cluster={data} mayChange={mayChange} />}
      </section>
    </>
  )
}

function Summary({ cluster: { cluster, leader, term, index, tolerates, clusterVersion } }: { cluster: Cluster }) {
  return (
    <span className={`dim ${classes.summary}`}>
      <span>{leader === undefined ? 'No leader' : `${leader} leads`}</span>
      <span className="num">Term {term}</span>
      <span className="num">Index {index.toLocaleString('en-GB')}</span>
      <span>{toleration(tolerates)}</span>
      <span className="num" title={`Id ${cluster}`}>
        Cluster version {clusterVersion}
      </span>
    </span>
  )
}

function Actions({ cluster }: { cluster: Cluster }) {
  const [adding, setAdding] = useState(false)
  const [handing, setHanding] = useState(false)
  const voters = cluster.members.filter(({ state }) => state === 'voter').length
  return (
    <span className={`push ${classes.actions}`}>
      <PauseScheduler />
      <Button
        size="xs"
        variant="default"
        disabled={voters < 2 || cluster.leader === undefined}
        leftSection={<IconArrowsExchange size={14} aria-hidden />}
        onClick={() => setHanding(true)}
      >
        Hand over leadership
      </Button>
      <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setAdding(true)}>
        Add member
      </Button>
      <AddMember opened={adding} onClose={() => setAdding(false)} />
      <ConfirmChange change={handing ? { do: 'transfer' } : undefined} onClose={() => setHanding(false)} />
    </span>
  )
}

function Alarms({ alarms }: { alarms: Cluster['alarms'] }) {
  return (
    <ul className={classes.alarms} aria-label="What is wrong">
      {alarms.map(({ code, member, detail }) => (
        <li key={`${code} ${member ?? ''}`}>
          <IconAlertTriangle size={16} aria-hidden />
          <span>
            {member !== undefined && <strong>{member}: </strong>}
            {detail}
          </span>
        </li>
      ))}
    </ul>
  )
}
