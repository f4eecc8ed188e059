import { SegmentedControl } from '@mantine/core'
import { Link, Outlet } from '@tanstack/react-router'
import { api } from '../api/client.ts'
import { PageHead } from '../ui/page-head.tsx'
import classes from './alerts.module.css'

const TABS = [
  { to: '/n/$ns/alerts', label: 'Alerts' },
  { to: '/n/$ns/alerts/rules', label: 'Rules' },
  { to: '/n/$ns/alerts/channels', label: 'Channels' },
  { to: '/n/$ns/alerts/silences', label: 'Silences' },
] as const

/** What is around the pages of alerts: which of them, and whether of the namespace or of the cluster. */
export default function AlertsPage({
  namespace,
  cluster,
  onCluster,
}: {
  namespace: string
  cluster: boolean
  onCluster(cluster: boolean): void
}) {
  const { data: session } = api.useQuery('get', '/v1/session')
  const seesCluster = session?.scope === 'admin' || session?.scope === 'read'
  return (
    <>
      <PageHead
        title="Alerts"
        name="Alerts"
        actions={
          seesCluster && (
            <SegmentedControl
              size="xs"
              aria-label="Of what"
              value={cluster ? 'cluster' : 'namespace'}
              onChange={(value) => onCluster(value === 'cluster')}
              data={[
                { value: 'namespace', label: namespace },
                { value: 'cluster', label: 'Cluster' },
              ]}
            />
          )
        }
      />
      <nav className={classes.tabs} aria-label="Alerts">
        {TABS.map(({ to, label }) => (
          <Link
            key={to}
            to={to}
            params={{ ns: namespace }}
            search={cluster ? { of: 'cluster' as const } : {}}
            activeOptions={{ exact: true, includeSearch: false }}
          >
            {label}
          </Link>
        ))}
      </nav>
      <Outlet />
    </>
  )
}
