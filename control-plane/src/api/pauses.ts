import type { ApiContext } from './context.ts'
import type { Call, Handlers } from './handlers.ts'
import { namespaceNamed } from './lookup.ts'
import { namespaceView } from './namespaces.ts'
import { etag, ifVersion, submit } from './outcome.ts'
import { pausedView } from './paused-view.ts'

type Named = Pick<Call<'pauseNamespace'>, 'path' | 'header' | 'principal'>
type Operations = 'pauseNamespace' | 'resumeNamespace' | 'getScheduler' | 'pauseScheduler' | 'resumeScheduler'

/** Stops and resumes the schedules of a namespace, or all of them. */
export function pauseHandlers(context: ApiContext): Pick<Handlers, Operations> {
  const { state, clock } = context

  async function setNamespace({ path, header, principal }: Named, paused: boolean) {
    const { name } = namespaceNamed(state(), path.namespace)
    const by = principal.name
    await submit(context, { kind: 'namespace-pause', at: clock.now(), name, by, paused, ...ifVersion(header) })
    const body = namespaceView(namespaceNamed(state(), path.namespace))
    return { status: 200 as const, body, headers: etag(body.version) }
  }

  async function setScheduler({ principal }: Pick<Call<'pauseScheduler'>, 'principal'>, paused: boolean) {
    await submit(context, { kind: 'scheduler-pause', at: clock.now(), by: principal.name, paused })
    return { status: 200 as const, body: pausedView(state().pause) }
  }

  return {
    pauseNamespace: (call) => setNamespace(call, true),
    resumeNamespace: (call) => setNamespace(call, false),
    getScheduler: () => ({ status: 200, body: pausedView(state().pause) }),
    pauseScheduler: (call) => setScheduler(call, true),
    resumeScheduler: (call) => setScheduler(call, false),
  }
}
