import { createRootRoute, createRoute, createRouter, Link, Outlet, redirect, useLocation } from '@tanstack/react-router'
import { lazy, Suspense, useEffect } from 'react'
import { Skeleton } from '@mantine/core'
import { onSessionEnded } from './api/session-end.ts'
import { currentSession, firstNamespace, forgetSession, rememberNamespace } from './api/session.ts'
import { JobsPage } from './jobs/jobs-page.tsx'
import { LiveProvider } from './live/live.tsx'
import { hasCode } from './login/login-code.ts'
import { Shell } from './shell/shell.tsx'
import { ErrorNote } from './ui/error-note.tsx'

const LoginPage = lazy(() => import('./login/login-page.tsx'))
const JobPage = lazy(() => import('./jobs/job-page.tsx'))
const RunsPage = lazy(() => import('./runs/runs-page.tsx'))
const RunPage = lazy(() => import('./runs/run-page.tsx'))
const JobEditor = lazy(() => import('./editor/job-editor.tsx'))
const JobMapPage = lazy(() => import('./job-map/job-map-page.tsx'))
const ExecutorsPage = lazy(() => import('./executors/executors-page.tsx'))
const AnalysisPage = lazy(() => import('./stats/analysis-page.tsx'))
const SinksPage = lazy(() => import('./sinks/sinks-page.tsx'))
const AlertsPage = lazy(() => import('./alerts/alerts-page.tsx'))
const AlertPage = lazy(() => import('./alerts/alert-page.tsx'))
const EpisodesPage = lazy(() => import('./alerts/episodes-page.tsx'))
const RulesPage = lazy(() => import('./alerts/rules-page.tsx'))
const ChannelsPage = lazy(() => import('./alerts/channels-page.tsx'))
const SilencesPage = lazy(() => import('./alerts/silences-page.tsx'))
const ClusterPage = lazy(() => import('./cluster/cluster-page.tsx'))

const root = createRootRoute({
  component: () => (
    <Suspense fallback={null}>
      <Outlet />
    </Suspense>
  ),
  notFoundComponent: NotFound,
})

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (search: Record<string, unknown>): { from?: string; ended?: boolean } => ({
    ...(isOwnPath(search['from']) ? { from: search['from'] } : {}),
    ...(search['ended'] === true ? { ended: true } : {}),
  }),
  component: function Login() {
    const { from = '/', ended = false } = login.useSearch()
    return <LoginPage from={from} ended={ended} />
  },
})

/** Everything below needs a session; a link with a code goes to the login first, whatever page it names. */
const inside = createRoute({
  getParentRoute: () => root,
  id: 'inside',
  beforeLoad: async ({ location: { href, pathname, searchStr } }) => {
    if (hasCode()) throw redirect({ to: '/login', search: pathname === '/' ? {} : { from: pathname + searchStr } })
    const session = await currentSession()
    if (session === undefined) throw redirect({ to: '/login', search: href === '/' ? {} : { from: href } })
    return { session }
  },
  errorComponent: ({ error }) => (
    <main>
      <ErrorNote error={error} />
    </main>
  ),
})

const start = createRoute({
  getParentRoute: () => inside,
  path: '/',
  beforeLoad: ({ context }) => {
    throw redirect({ to: '/n/$ns', params: { ns: firstNamespace(context.session) }, replace: true })
  },
})

const namespaced = createRoute({
  getParentRoute: () => inside,
  path: '/n/$ns',
  component: function Namespaced() {
    const { ns } = namespaced.useParams()
    useEffect(() => rememberNamespace(ns), [ns])
    return (
      <LiveProvider namespace={ns}>
        <Shell namespace={ns}>
          <Suspense fallback={<Skeleton height={320} />}>
            <Outlet />
          </Suspense>
        </Shell>
      </LiveProvider>
    )
  },
})

const jobs = createRoute({
  getParentRoute: () => namespaced,
  path: '/',
  component: () => <JobsPage namespace={namespaced.useParams().ns} />,
})

const job = createRoute({
  getParentRoute: () => namespaced,
  path: '/jobs/$job',
  component: function OneJob() {
    const params = job.useParams()
    return <JobPage key={params.job} namespace={params.ns} name={params.job} />
  },
})

const newJob = createRoute({
  getParentRoute: () => namespaced,
  path: '/new',
  component: () => <JobEditor namespace={namespaced.useParams().ns} />,
})

const editJob = createRoute({
  getParentRoute: () => namespaced,
  path: '/jobs/$job/edit',
  component: function Edit() {
    const params = editJob.useParams()
    return <JobEditor key={params.job} namespace={params.ns} name={params.job} />
  },
})

const runs = createRoute({
  getParentRoute: () => namespaced,
  path: '/runs',
  component: () => <RunsPage namespace={namespaced.useParams().ns} />,
})

const run = createRoute({
  getParentRoute: () => namespaced,
  path: '/runs/$run',
  component: function OneRun() {
    const params = run.useParams()
    return <RunPage key={params.run} namespace={params.ns} id={params.run} />
  },
})

const map = createRoute({
  getParentRoute: () => namespaced,
  path: '/map',
  component: function Map() {
    const { ns } = namespaced.useParams()
    return <JobMapPage key={ns} namespace={ns} />
  },
})

const executors = createRoute({
  getParentRoute: () => namespaced,
  path: '/executors',
  validateSearch: (search: Record<string, unknown>): { service?: string } =>
    typeof search['service'] === 'string' ? { service: search['service'] } : {},
  component: function Executors() {
    const { ns } = namespaced.useParams()
    const navigate = executors.useNavigate()
    const onService = (service: string) => void navigate({ search: { service }, replace: true })
    return <ExecutorsPage key={ns} namespace={ns} service={executors.useSearch().service} onService={onService} />
  },
})

const analysis = createRoute({
  getParentRoute: () => namespaced,
  path: '/analysis',
  component: function Analysis() {
    const { ns } = namespaced.useParams()
    return <AnalysisPage key={ns} namespace={ns} />
  },
})

const alerts = createRoute({
  getParentRoute: () => namespaced,
  path: '/alerts',
  validateSearch: (search: Record<string, unknown>): { of?: 'cluster' } =>
    search['of'] === 'cluster' ? { of: 'cluster' } : {},
  component: function Alerts() {
    const { ns } = namespaced.useParams()
    const navigate = alerts.useNavigate()
    const { pathname } = useLocation()
    const onCluster = (cluster: boolean) => {
      const search = cluster ? ({ of: 'cluster' } as const) : {}
      // An alert is of one of them only.
      if (pathname.includes('/alerts/of/')) void navigate({ to: '/n/$ns/alerts', params: { ns }, search })
      else void navigate({ to: '.', search })
    }
    return <AlertsPage namespace={ns} cluster={alerts.useSearch().of === 'cluster'} onCluster={onCluster} />
  },
})

/** Whose alerts the page below shows. */
function useOf(): { namespace: string; of: { namespace: string } | 'cluster' } {
  const { ns: namespace } = namespaced.useParams()
  return { namespace, of: alerts.useSearch().of ?? { namespace } }
}

const episodes = createRoute({
  getParentRoute: () => alerts,
  path: '/',
  component: function Episodes() {
    return <EpisodesPage {...useOf()} />
  },
})

const alert = createRoute({
  getParentRoute: () => alerts,
  path: '/of/$alert',
  component: function OneAlert() {
    return <AlertPage {...useOf()} id={alert.useParams().alert} />
  },
})

const rules = createRoute({
  getParentRoute: () => alerts,
  path: '/rules',
  component: function Rules() {
    return <RulesPage {...useOf()} />
  },
})

const channels = createRoute({
  getParentRoute: () => alerts,
  path: '/channels',
  component: function Channels() {
    return <ChannelsPage of={useOf().of} />
  },
})

const silences = createRoute({
  getParentRoute: () => alerts,
  path: '/silences',
  component: function Silences() {
    return <SilencesPage of={useOf().of} />
  },
})

const cluster = createRoute({
  getParentRoute: () => namespaced,
  path: '/cluster',
  component: () => <ClusterPage />,
})

const sinks = createRoute({
  getParentRoute: () => namespaced,
  path: '/sinks',
  component: () => <SinksPage />,
})

export const router = createRouter({
  routeTree: root.addChildren([
    login,
    inside.addChildren([
      start,
      namespaced.addChildren([
        jobs,
        job,
        newJob,
        editJob,
        runs,
        run,
        map,
        executors,
        analysis,
        alerts.addChildren([episodes, alert, rules, channels, silences]),
        cluster,
        sinks,
      ]),
    ]),
  ]),
  defaultPreload: false,
  defaultErrorComponent: ({ error }) => <ErrorNote error={error} />,
  scrollRestoration: true,
})

onSessionEnded(() => {
  const { pathname, href } = router.state.location
  if (pathname === '/login') return
  forgetSession()
  void router.navigate({ to: '/login', search: { from: href, ended: true } })
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}

/** Only a path of this page: never another host that an address was made to name. */
function isOwnPath(value: unknown): value is string {
  return typeof value === 'string' && /^\/(?![/\\])/.test(value)
}

function NotFound() {
  return (
    <main className="not-found">
      <h1>There is no such page</h1>
      <p>
        <Link to="/">Go to the jobs</Link>
      </p>
    </main>
  )
}
