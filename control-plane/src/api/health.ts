import { COMMAND_VERSION } from '../state/commands.ts'
import type { ApiContext } from './context.ts'
import type { Handlers } from './handlers.ts'
import { pausedView } from './paused-view.ts'
import { timeText } from './times.ts'

type Operations = 'getHealth' | 'getReadiness' | 'getVersion' | 'getStatus'

export function healthHandlers(context: ApiContext, streams: () => number): Pick<Handlers, Operations> {
  const { state, clock } = context
  return {
    getHealth: () => ({ status: 200, body: { status: 'ok' } }),

    getReadiness() {
      const reason = context.notReady()
      if (reason === undefined) return { status: 200, body: { status: 'ready' } }
      return { status: 503, body: { status: 'not-ready', reason } }
    },

    getVersion: () => ({
      status: 200,
      body: { version: context.version, commandVersion: COMMAND_VERSION, node: process.versions.node },
    }),

    getStatus() {
      const now = context.status()
      const { namespaces, services, executors, jobs, runs, cluster, index } = state()
      let queued = 0
      for (const namespace of namespaces.values()) queued += namespace.queued
      let executorCount = 0
      for (const ofService of executors.values()) executorCount += ofService.size
      return {
        status: 200,
        body: {
          cluster,
          node: now.node,
          role: now.role,
          ...(now.leader === undefined ? {} : { leader: now.leader }),
          index,
          version: context.version,
          now: timeText(clock.now()),
          startedAt: timeText(now.startedAt),
          ...pausedView(state().pause),
          counts: {
            namespaces: namespaces.size,
            services: services.size,
            executors: executorCount,
            jobs: jobs.size,
            queued,
            running: runs.size - queued,
          },
          dispatcher: { inFlight: now.inFlight, waiting: now.waiting, concurrencyMax: now.concurrencyMax },
          log: now.log,
          streams: streams(),
          ...(now.nextDue === undefined ? {} : { nextDue: timeText(now.nextDue) }),
        },
      }
    },
  }
}
