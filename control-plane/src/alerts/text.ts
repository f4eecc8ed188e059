import { rfc3339 } from '../dispatch/request.ts'
import type { Millis } from '../runtime/clock.ts'
import type { AlertTemplate, AlertText } from './channel.ts'
import { type AlertMessage, type AlertSubject, type Episode, SUMMARY_EPISODES_MAX } from './episode.ts'
import { lasted } from './durations.ts'
import { oneLine, plainText } from './plain.ts'
import { type KnownRun, runFacts } from './run-facts.ts'
import { fillTemplate, type TemplateValues } from './template.ts'

export const TITLE_CHARS_MAX = 200
export const SUMMARY_CHARS_MAX = 4000
export const FACT_LABEL_CHARS_MAX = 100
export const FACT_CHARS_MAX = 600
export const FACTS_MAX = 51
const NAME_CHARS_MAX = 100

/** What is known of that which a message is about, at the moment it is sent. */
export interface Known {
  cluster: string
  /** Where people reach the dashboard: `https://cron.example.com`. */
  baseUrl: string
  channel: string
  episode?: Episode
  /** Of a summary: those that are still known. */
  episodes?: readonly Episode[]
  run?: KnownRun
  /** Zone of the job's schedule. */
  zone?: string
  template?: AlertTemplate
}

/** What is told: the same words for every kind of channel, each value plain text within bounds. */
export function alertText(message: AlertMessage, known: Known): AlertText {
  const plain = untemplated(message, known)
  return known.template === undefined ? plain : templated(plain, known.template, known)
}

function untemplated(message: AlertMessage, known: Known): AlertText {
  const { about } = message
  const { cluster } = known
  const id = `alert_${cluster}_${message.id}`.replace(/[^A-Za-z0-9_-]/g, '-')
  if (about.kind === 'test') return { id, cluster, ...testText(id, about.by, known) }
  if (about.kind === 'summary') return { id, cluster, ...summaryText(id, about, known) }
  return { id, cluster, ...episodeText(about, known, message.at) }
}

type Text = Omit<AlertText, 'id' | 'cluster'>

function testText(key: string, by: string, { channel, baseUrl }: Known): Text {
  return {
    key,
    kind: 'test',
    title: oneLine(`Test message of channel ${channel}`, TITLE_CHARS_MAX),
    summary: 'Alerts that name this channel arrive here. Nothing is wrong.',
    facts: [{ label: 'Sent by', value: oneLine(by, NAME_CHARS_MAX) }],
    link: baseUrl,
  }
}

type Summary = Extract<AlertMessage['about'], { kind: 'summary' }>

function summaryText(key: string, { firing, resolved, from, to, episodes }: Summary, known: Known): Text {
  const named = (known.episodes ?? []).slice(0, SUMMARY_EPISODES_MAX)
  const more = Math.max(episodes.length, firing + resolved) - named.length
  const facts = named.map(({ state, subject, summary }) => ({
    label: oneLine(`${state === 'firing' ? 'Firing' : 'Resolved'}: ${subjectWords(subject)}`, FACT_LABEL_CHARS_MAX),
    value: oneLine(summary, FACT_CHARS_MAX),
  }))
  if (more > 0) facts.push({ label: 'And', value: `${more} more` })
  const counts = `${alerts(firing)} began and ${resolved} ended`
  return {
    key,
    kind: 'summary',
    title: `Summary: ${counts}`,
    summary: `Between ${instant(from)} and ${instant(to)} ${counts} beyond the messages that this channel takes.`,
    count: firing,
    since: from,
    until: to,
    facts,
    link: known.baseUrl,
  }
}

type Told = Extract<AlertMessage['about'], { episode: string }>

function episodeText({ kind, episode: id }: Told, known: Known, at: Millis): Text {
  const { episode, run, zone } = known
  const key = episode?.key ?? id
  if (episode === undefined) {
    const title = `${KIND_WORDS[kind]}: an alert that is not known any more`
    return { key, kind, title, summary: 'It has been forgotten since; others came after it.', facts: [] }
  }
  const { subject, since, resolvedAt, count, ruleName } = episode
  const link = linkOf(known, episode)
  const facts = [
    { label: 'Rule', value: oneLine(ruleName, NAME_CHARS_MAX) },
    { label: KIND_LABELS[subject.kind], value: nameWords(subject) },
    { label: 'Since', value: instant(since, zone) },
    ...(kind === 'resolved' && resolvedAt !== undefined
      ? [{ label: 'Over since', value: `${instant(resolvedAt, zone)}, after ${lasted(resolvedAt - since)}` }]
      : []),
    ...(kind === 'repeated' ? [{ label: 'Goes on for', value: lasted(at - since) }] : []),
    ...(count > 1 ? [{ label: 'Times', value: String(count) }] : []),
    ...(run ? runFacts(run, (instantOf) => instant(instantOf, zone)) : []),
  ]
  return {
    key,
    kind,
    title: oneLine(`${KIND_WORDS[kind]}: ${subjectWords(subject)} – ${ruleName}`, TITLE_CHARS_MAX),
    summary: plainText(episode.summary, SUMMARY_CHARS_MAX),
    rule: oneLine(ruleName, NAME_CHARS_MAX),
    subject: plainSubject(subject),
    count,
    since,
    ...(kind === 'resolved' && resolvedAt !== undefined ? { until: resolvedAt } : {}),
    facts: facts.slice(0, FACTS_MAX).map(({ label, value }) => ({
      label: oneLine(label, FACT_LABEL_CHARS_MAX),
      value: oneLine(value, FACT_CHARS_MAX),
    })),
    link,
  }
}

const KIND_WORDS = { firing: 'Firing', resolved: 'Resolved', repeated: 'Still firing' } as const
const KIND_LABELS: Record<AlertSubject['kind'], string> = {
  job: 'Job',
  executor: 'Executor',
  service: 'Service',
  node: 'Node',
  sink: 'Sink',
  channel: 'Channel',
  certificate: 'Certificate',
  token: 'Token',
  cluster: 'Cluster',
}

/** `job default/nightly`. */
function subjectWords(subject: AlertSubject): string {
  return `${subject.kind} ${nameWords(subject)}`
}

/** `default/nightly`. */
function nameWords({ name, namespace }: AlertSubject): string {
  return oneLine(namespace === undefined ? name : `${namespace}/${name}`, NAME_CHARS_MAX)
}

function plainSubject({ kind, id, name, namespace }: AlertSubject): AlertSubject {
  return {
    kind,
    id: oneLine(id, NAME_CHARS_MAX),
    name: oneLine(name, NAME_CHARS_MAX),
    ...(namespace === undefined ? {} : { namespace: oneLine(namespace, NAME_CHARS_MAX) }),
  }
}

/** To the run where there is one, else to the job or to what shows the cluster. */
function linkOf({ baseUrl }: Known, { subject, run, lastRun }: Episode): string {
  const part = (text: string) => encodeURIComponent(oneLine(text, NAME_CHARS_MAX))
  const within = (path: string) => `${baseUrl}/n/${part(subject.namespace ?? '')}/${path}`
  const shown = lastRun ?? run
  if (subject.namespace === undefined) return subject.kind === 'node' ? `${baseUrl}/cluster` : baseUrl
  if (shown !== undefined) return within(`runs/${part(shown)}`)
  return subject.kind === 'job' ? within(`jobs/${part(subject.name)}`) : `${baseUrl}/`
}

function templated(text: AlertText, { title, body }: AlertTemplate, { channel, episode }: Known): AlertText {
  const values: TemplateValues = {
    title: text.title,
    summary: text.summary,
    kind: text.kind,
    cluster: text.cluster,
    channel,
    rule: text.rule ?? '',
    subject: text.subject?.name ?? '',
    subjectKind: text.subject?.kind ?? '',
    namespace: text.subject?.namespace ?? '',
    since: text.since === undefined ? '' : instant(text.since),
    until: text.until === undefined ? '' : instant(text.until),
    count: String(text.count ?? ''),
    run: oneLine(episode?.lastRun ?? episode?.run ?? '', NAME_CHARS_MAX),
    link: text.link ?? '',
  }
  return {
    ...text,
    ...(title === undefined ? {} : { title: oneLine(fillTemplate(title, values), TITLE_CHARS_MAX) || text.title }),
    ...(body === undefined ? {} : { summary: plainText(fillTemplate(body, values), SUMMARY_CHARS_MAX) }),
  }
}

/** UTC, and the wall time of a job's zone. */
function instant(at: Millis, zone = 'UTC'): string {
  const utc = rfc3339(at, 'UTC')
  return zone === 'UTC' ? utc : `${utc} (${rfc3339(at, zone)} ${zone})`
}

function alerts(count: number): string {
  return count === 1 ? '1 alert' : `${count} alerts`
}
