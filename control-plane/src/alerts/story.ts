import type { EndedAttempt, EndedRun, OpenRun } from '../runs/run.ts'
import type { State } from '../state/state.ts'
import type { AlertText, Channel } from './channel.ts'
import type { AlertMessage, Episode } from './episode.ts'
import type { KnownRun } from './run-facts.ts'
import { alertText } from './text.ts'

/** What has ended, as the ledger gives it. */
export interface RunsEnded {
  run(id: string): Promise<EndedRun | undefined>
  attempts(run: string, options: { limit: number }): Promise<EndedAttempt[]>
}

/** Attempts that are looked at, and those of them that are told: the first and the last that did not succeed. */
const ATTEMPTS_READ_MAX = 200
const FIRST_MAX = 3
const LAST_MAX = 7

/** The words of a message, with what is known of its run at this moment. What cannot be read is left out. */
export async function tellStory(
  message: AlertMessage,
  channel: Channel,
  { state, ended, baseUrl }: { state: State; ended: RunsEnded; baseUrl: string },
): Promise<AlertText> {
  const { about } = message
  const known = {
    cluster: state.cluster,
    baseUrl,
    channel: channel.name,
    ...(channel.template ? { template: channel.template } : {}),
  }
  if (about.kind === 'test') return alertText(message, known)
  if (about.kind === 'summary') {
    const episodes = about.episodes.flatMap((id) => state.episodes.get(id) ?? [])
    return alertText(message, { ...known, episodes })
  }
  const episode = state.episodes.get(about.episode)
  if (!episode) return alertText(message, known)
  const run = await knownRun(episode, state, ended).catch(() => undefined)
  const zone = zoneOf(episode, state, run?.run)
  return alertText(message, {
    ...known,
    episode,
    ...(run ? { run } : {}),
    ...(zone === undefined ? {} : { zone }),
  })
}

async function knownRun({ lastRun, run }: Episode, state: State, ended: RunsEnded): Promise<KnownRun | undefined> {
  const id = lastRun ?? run
  if (id === undefined) return undefined
  const found = state.runs.get(id) ?? (await ended.run(id))
  if (!found) return undefined
  const attempts = await ended.attempts(id, { limit: ATTEMPTS_READ_MAX })
  const bad = attempts.filter(({ outcome }) => outcome !== 'succeeded')
  const last = Math.max(FIRST_MAX, bad.length - LAST_MAX)
  return {
    run: found,
    first: bad.slice(0, FIRST_MAX),
    last: bad.slice(last),
    between: last - Math.min(bad.length, FIRST_MAX),
  }
}

/** Zone of the schedule that the run is of, or of the job's first. */
function zoneOf({ subject }: Episode, state: State, run: EndedRun | OpenRun | undefined): string | undefined {
  if (subject.kind !== 'job') return undefined
  const schedules = state.jobs.get(Number(subject.id))?.spec.schedules ?? []
  return (schedules.find(({ id }) => run?.schedules.includes(id)) ?? schedules[0])?.zone
}
