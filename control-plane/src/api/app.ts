import { Hono } from 'hono'
import { Authenticator } from '../auth/authenticator.ts'
import { reporterOf } from '../auth/reporter.ts'
import { hostName, isOwnHost } from '../auth/host.ts'
import { Sessions } from '../auth/session.ts'
import { resolveJob } from '../jobs/definition.ts'
import { alertHandlers } from './alerts.ts'
import { alertRuleHandlers } from './alert-rules.ts'
import { attemptHandlers } from './attempts.ts'
import { backfillHandlers } from './backfills.ts'
import { channelHandlers } from './channels.ts'
import { clusterHandlers } from './cluster.ts'
import type { ApiContext } from './context.ts'
import { mount } from './contract.ts'
import { type ContractDocument, readContract } from './document.ts'
import { eventHandlers } from './events.ts'
import { executorHandlers } from './executors.ts'
import { createDirect, type Direct } from './direct.ts'
import { failureReply } from './failures.ts'
import { abreast, caughtUp } from './freshness.ts'
import type { Handlers } from './handlers.ts'
import { healthHandlers } from './health.ts'
import { jobControlHandlers } from './job-control.ts'
import { jobMapHandlers } from './job-map.ts'
import { jobVersionHandlers } from './job-versions.ts'
import { jobHandlers } from './jobs.ts'
import type { Incoming } from './incoming.ts'
import { BODY_BYTES_MAX } from './json-body.ts'
import { kvHandlers } from './kv.ts'
import { leaseHandlers } from './kv-leases.ts'
import { lockHandlers } from './kv-locks.ts'
import { kvWatchHandlers } from './kv-watch.ts'
import { manifestHandlers } from './manifests.ts'
import { metricsHandlers } from './metrics.ts'
import { namespaceHandlers } from './namespaces.ts'
import { noticeHandlers } from './notices.ts'
import { PAGE } from './pages.ts'
import { pauseHandlers } from './pauses.ts'
import { type PageOptions, servePages } from './pages-served.ts'
import { toResponse } from './reply.ts'
import { pruneHandlers } from './prune.ts'
import { queueHandlers } from './queues.ts'
import { rerunHandlers } from './reruns.ts'
import { runHandlers } from './runs.ts'
import { scheduleFaults, scheduleHandlers } from './schedules.ts'
import { serviceHandlers } from './services.ts'
import { signingKeyHandlers } from './signing-keys.ts'
import { sessionHandlers } from './session.ts'
import { snapshotHandlers } from './snapshot.ts'
import { silenceHandlers } from './silences.ts'
import { sinkHandlers } from './sinks.ts'
import { sinkResendHandlers } from './sink-resend.ts'
import { sinkVerifyHandlers } from './sink-verify.ts'
import { statsHandlers } from './stats.ts'
import { statsTopHandlers } from './stats-top.ts'
import { EventStreams } from './streams.ts'
import { tokenHandlers } from './tokens.ts'

export interface AppOptions extends Pick<PageOptions, 'dashboard' | 'docsAssets'> {
  /** @default the contract that this build was made with */
  document?: ContractDocument
}

/** The HTTP surface of a node. */
export interface Api {
  app: Hono
  /** The short way to most operations. */
  direct: Direct
  /** Ends the event streams, so that the server can close. */
  stop(): void
}

/** Puts the API, the documentation and the dashboard together. */
export function createApp(context: ApiContext, options: AppOptions = {}): Api {
  const { clock, state, logger } = context
  const app = new Hono({ strict: true })
  const hosts = new Set(context.hosts.map((host) => hostName(host) ?? host))
  const sessions = new Sessions(context.sessionKey, context.random)
  const authenticator = new Authenticator({ clock, state, sessions, codes: context.codes })
  const streams = new EventStreams(context, authenticator)
  const isOwn = (host: string) => isOwnHost(host, hosts)
  const failure = (error: unknown, operation?: string) => failureReply(error, state().index, logger, operation)
  const failed = (error: unknown) => toResponse(failure(error))
  const { routes } = context.metrics
  const elapsed = () => clock.monotonic()
  const count = (status: number, since: number) => routes.elsewhere.add(status, elapsed() - since)
  const pages = servePages(app, { ...options, isOwnHost: isOwn, failure: failed, count, elapsed })
  const handlers: Handlers = {
    ...healthHandlers(context, () => streams.open),
    ...metricsHandlers(context, () => streams.open),
    ...sessionHandlers(context, authenticator),
    ...tokenHandlers(context, authenticator),
    ...namespaceHandlers(context),
    ...serviceHandlers(context),
    ...signingKeyHandlers(context),
    ...executorHandlers(context),
    ...manifestHandlers(context),
    ...jobHandlers(context),
    ...jobControlHandlers(context),
    ...scheduleHandlers(context),
    ...runHandlers(context),
    ...rerunHandlers(context),
    ...backfillHandlers(context),
    ...pruneHandlers(context),
    ...jobVersionHandlers(context),
    ...attemptHandlers(context),
    ...pauseHandlers(context),
    ...noticeHandlers(context),
    ...statsHandlers(context),
    ...statsTopHandlers(context),
    ...snapshotHandlers(context),
    ...queueHandlers(context),
    ...sinkHandlers(context),
    ...sinkResendHandlers(context),
    ...sinkVerifyHandlers(context, streams),
    ...channelHandlers(context),
    ...alertRuleHandlers(context),
    ...alertHandlers(context),
    ...silenceHandlers(context),
    ...jobMapHandlers(context),
    ...clusterHandlers(context),
    ...eventHandlers(context, streams),
    ...kvHandlers(context),
    ...kvWatchHandlers(context, streams),
    ...leaseHandlers(context),
    ...lockHandlers(context),
    getDocs: async ({ request }) => ({ status: 200, response: await pages.docs(request.web()) }),
  }
  const served = mount(app, withPage(options.document ?? readContract(), context.limits?.page ?? PAGE), handlers, {
    authenticate: (request) => authenticator.authenticate(credentialsOf(request)),
    reporter: (request) => reporterOf(request.header('authorization'), context.callbackKey, clock.now()),
    isOwnHost: isOwn,
    index: () => state().index,
    caughtUp: (asked) => caughtUp(context, asked),
    abreast: () => abreast(context),
    bodyBytesMax: context.limits?.bodyBytes ?? BODY_BYTES_MAX,
    failure,
    routes,
    elapsed,
    answered: (line) => logger.debug(line, 'a request was answered'),
    bodyFaults: {
      'invalid-job': (body) => {
        const resolved = resolveJob(body)
        return resolved.ok ? [] : resolved.faults
      },
      'invalid-schedule': (body) => (hasSchedules(body) ? scheduleFaults(body) : []),
    },
  })
  app.onError(failed)
  const stop = () => {
    streams.stop()
    context.executors.releasePolls()
  }
  return { app, direct: createDirect(served), stop }
}

/** The contract with the configured size of a page in place of its default. */
function withPage(document: ContractDocument, page: number): ContractDocument {
  const operations = document.operations.map((operation) => ({
    ...operation,
    parameters: operation.parameters.map((parameter) =>
      parameter.name === 'limit' && parameter.schema.default === PAGE
        ? { ...parameter, schema: { ...parameter.schema, default: page } }
        : parameter,
    ),
  }))
  return { ...document, operations }
}

function credentialsOf(request: Incoming) {
  return {
    method: request.method,
    host: request.host,
    authorization: request.header('authorization'),
    cookie: request.header('cookie'),
    origin: request.header('origin'),
    csrf: request.header('x-cronclave-csrf'),
  }
}

function hasSchedules(body: unknown): body is { schedules: unknown[] } {
  return typeof body === 'object' && body !== null && 'schedules' in body && Array.isArray(body.schedules)
}
