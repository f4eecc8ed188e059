import { ActionIcon, Tooltip } from '@mantine/core'
import { IconBook2, IconLogout } from '@tabler/icons-react'
import { Link, useNavigate } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { api } from '../api/client.ts'
import { forgetSession } from '../api/session.ts'
import { PauseBanner } from '../pauses/pause-banner.tsx'
import { notifyError } from '../ui/notify.ts'
import { Logo } from './logo.tsx'
import { NamespaceSelect } from './namespace-select.tsx'
import classes from './shell.module.css'
import { StatusLine } from './status-line.tsx'
import { ThemeSwitch } from './theme-switch.tsx'

/** What is around every page of a namespace: where one is, where one can go, and how the server is. */
export function Shell({ namespace, children }: { namespace: string; children: ReactNode }) {
  const { data: session } = api.useQuery('get', '/v1/session')
  const seesCluster = session?.scope === 'admin' || session?.scope === 'read'
  return (
    <>
      <a href="#main" className="skip-link">
        Skip to the content
      </a>
      <header className={classes.header}>
        <Link to="/n/$ns" params={{ ns: namespace }} className={classes.brand} aria-label="Cronclave, home">
          <Logo />
          <span>Cronclave</span>
        </Link>
        <NamespaceSelect namespace={namespace} />
        <nav className={classes.nav} aria-label="Pages">
          <Link to="/n/$ns" params={{ ns: namespace }} activeOptions={{ exact: true }}>
            Jobs
          </Link>
          <Link to="/n/$ns/runs" params={{ ns: namespace }} activeOptions={{ exact: true }}>
            Runs
          </Link>
          <Link to="/n/$ns/map" params={{ ns: namespace }}>
            Job map
          </Link>
          <Link to="/n/$ns/executors" params={{ ns: namespace }} activeOptions={{ includeSearch: false }}>
            Executors
          </Link>
          <Link to="/n/$ns/analysis" params={{ ns: namespace }}>
            Analysis
          </Link>
          <Link to="/n/$ns/alerts" params={{ ns: namespace }} activeOptions={{ includeSearch: false }}>
            Alerts
          </Link>
          {seesCluster && (
            <>
              <Link to="/n/$ns/sinks" params={{ ns: namespace }}>
                Sinks
              </Link>
              <Link to="/n/$ns/cluster" params={{ ns: namespace }}>
                Cluster
              </Link>
            </>
          )}
        </nav>
        <div className={classes.tools}>
          <Tooltip label="API reference">
            <ActionIcon component="a" href="/docs" variant="subtle" color="gray" aria-label="API reference">
              <IconBook2 size={17} aria-hidden />
            </ActionIcon>
          </Tooltip>
          <ThemeSwitch />
          <Logout />
        </div>
      </header>
      <main id="main" className={classes.main} tabIndex={-1}>
        <PauseBanner namespace={namespace} seesCluster={seesCluster} />
        {children}
      </main>
      <StatusLine />
    </>
  )
}

function Logout() {
  const navigate = useNavigate()
  const logout = api.useMutation('delete', '/v1/session', {
    onSuccess: () => {
      forgetSession()
      void navigate({ to: '/login' })
    },
    onError: notifyError,
  })
  return (
    <Tooltip label="Log out">
      <ActionIcon
        variant="subtle"
        color="gray"
        aria-label="Log out"
        loading={logout.isPending}
        onClick={() => logout.mutate({})}
      >
        <IconLogout size={17} aria-hidden />
      </ActionIcon>
    </Tooltip>
  )
}
