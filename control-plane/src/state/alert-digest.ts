import type { State } from './state.ts'

export type AlertThing = 'alert-rule' | 'channel' | 'silence' | 'episode' | 'alert-message' | 'alert-tally'

/** What of something about alerts goes into the digest: enough that no two different ones are alike. */
export function alertFields(state: State, kind: AlertThing, id: string | number): (string | number | undefined)[] {
  switch (kind) {
    case 'alert-rule': {
      const rule = state.alertRules.get(id as number)
      return [rule?.version, rule?.updatedAt, rule && JSON.stringify([rule.scope, rule.condition, rule.channels])]
    }
    case 'channel': {
      const channel = state.channels.get(id as number)
      const { window, trouble } = channel ?? {}
      return [
        channel?.version,
        channel?.updatedAt,
        window?.from,
        window?.sent,
        window?.firing,
        window?.resolved,
        window?.episodes.length,
        window?.shares && JSON.stringify(window.shares),
        trouble?.since,
        trouble?.error,
      ]
    }
    case 'silence':
      return [state.silences.get(id as string)?.until]
    case 'episode': {
      const episode = state.episodes.get(id as string)
      return [
        episode?.state,
        episode?.count,
        episode?.lastAt,
        episode?.lastRun,
        episode?.toldAt,
        episode?.order,
        episode?.silenced,
        episode?.summary,
        episode?.subject.namespace,
        episode?.key,
      ]
    }
    case 'alert-message': {
      const message = state.alertMessages.get(id as number)
      const { left } = message ?? {}
      return [
        message?.channel,
        message?.about.kind,
        message?.state,
        message?.attempts,
        message?.nextAt,
        message?.error,
        left && JSON.stringify([left.to, left.refused]),
      ]
    }
    case 'alert-tally': {
      const tally = state.alertTallies.get(id as string)
      return [tally?.times?.length, tally?.times?.at(-1), tally?.lastAt, tally?.instant]
    }
  }
}
