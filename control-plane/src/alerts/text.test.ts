import { describe, expect, test } from 'vitest'
import type { EndedAttempt, EndedRun } from '../runs/run.ts'
import { HOSTILE } from './channels/fixtures.ts'
import { lasted } from './durations.ts'
import type { AlertMessage, Episode } from './episode.ts'
import { cut } from './cut.ts'
import { cutBytes, oneLine, plainText } from './plain.ts'
import { summariesDue } from './summaries.ts'
import { checkTemplate, TEMPLATE_NAMES } from './template.ts'
import { alertText, FACTS_MAX, type Known, SUMMARY_CHARS_MAX, TITLE_CHARS_MAX } from './text.ts'

const SINCE = Date.UTC(2026, 10, 21, 11, 30)

const known: Known = { cluster: 'c1', baseUrl: 'https://cron.example.com', channel: 'ops' }

function episode(change: Partial<Episode> = {}): Episode {
  const subject = { kind: 'job', id: '3', name: 'nightly', namespace: 'default' } as const
  return {
    ...{ id: 'e1', rule: 2, ruleName: 'failing', namespace: 1, subject, state: 'firing', since: SINCE },
    ...{ count: 1, lastAt: SINCE, summary: 'Run r1 failed: it broke' },
    ...change,
  }
}

function message(about: AlertMessage['about'], at = SINCE): AlertMessage {
  return { id: 7, channel: 1, about, at, state: 'open', attempts: 0 }
}

const told = (kind: 'firing' | 'resolved' | 'repeated', change: Partial<Known> = {}, at = SINCE) =>
  alertText(message({ kind, episode: 'e1' }, at), { ...known, episode: episode(), ...change })
const factsOf = ({ facts }: { facts: { label: string; value: string }[] }) =>
  Object.fromEntries(facts.map(({ label, value }) => [label, value]))

const RUN = {
  ...{ id: 'r1', job: 3, jobName: 'nightly', namespace: 1, cause: 'schedule', state: 'failed', jobVersion: 1 },
  ...{ fireTime: SINCE, dueTime: SINCE, createdAt: SINCE, endedAt: SINCE, params: {}, schedules: [], attempts: 2 },
  ...{ error: { code: 'handler-failed', message: 'no rows' }, sequence: [1, 0] },
} as unknown as EndedRun

function attempt(ordinal: number, change: Partial<EndedAttempt> = {}): EndedAttempt {
  return {
    ...{
      id: `r1-0-${ordinal}`,
      run: 'r1',
      shard: 0,
      ordinal,
      fencingToken: ordinal,
      executor: `e${ordinal}`,
      node: 'n',
    },
    ...{
      startedAt: SINCE,
      endedAt: SINCE + 1234,
      outcome: 'failed',
      status: 500,
      next: 'retry',
      sequence: [1, ordinal],
    },
    ...change,
  }
}

describe('what is told', () => {
  test('says what happened, to which job, since when by the clocks of its zone, and what was tried', () => {
    const run = {
      run: RUN,
      first: [attempt(1)],
      last: [attempt(9, { error: { code: 'timeout', message: 'too slow' } })],
    }
    const text = told('firing', {
      zone: 'Europe/Berlin',
      run: { ...run, between: 7 },
      episode: episode({ run: 'r1', count: 3 }),
    })
    expect(text).toMatchObject({
      id: 'alert_c1_7',
      key: 'e1',
      title: 'Firing: job default/nightly – failing',
      summary: 'Run r1 failed: it broke',
      link: 'https://cron.example.com/n/default/runs/r1',
    })
    expect(factsOf(text)).toEqual({
      Rule: 'failing',
      Job: 'default/nightly',
      Since: '2026-11-21T11:30:00Z (2026-11-21T12:30:00+01:00 Europe/Berlin)',
      Times: '3',
      Run: 'r1, failed, by schedule, due 2026-11-21T11:30:00Z (2026-11-21T12:30:00+01:00 Europe/Berlin)',
      Error: 'handler-failed: no rows',
      'Attempt 1':
        'failed on e1 at 2026-11-21T11:30:01.234Z (2026-11-21T12:30:01.234+01:00 Europe/Berlin) after 1.2 s, status 500',
      Between: '7 more attempts',
      'Attempt 9':
        'failed on e9 at 2026-11-21T11:30:01.234Z (2026-11-21T12:30:01.234+01:00 Europe/Berlin) after 1.2 s, status 500: timeout: too slow',
    })
  })

  test('says how long it lasted once it is over, and how long it goes on when it is told again', () => {
    const over = episode({ state: 'resolved', resolvedAt: SINCE + 3_725_000 })
    expect(factsOf(told('resolved', { episode: over }))['Over since']).toBe('2026-11-21T12:32:05Z, after 1 h 2 min')
    expect(factsOf(told('repeated', {}, SINCE + 90_000))['Goes on for']).toBe('1 min 30 s')
  })

  test('of a summary counts what began and ended, and names some', () => {
    const about = {
      kind: 'summary',
      firing: 9990,
      resolved: 1,
      episodes: ['e1', 'e2'],
      from: SINCE,
      to: SINCE + 60_000,
    } as const
    const text = alertText(message({ ...about, episodes: [...about.episodes] }), { ...known, episodes: [episode()] })
    expect(text.title).toBe('Summary: 9990 alerts began and 1 ended')
    expect(factsOf(text)).toEqual({ 'Firing: job default/nightly': 'Run r1 failed: it broke', And: '9990 more' })
  })

  test.each([
    [episode(), '/n/default/jobs/nightly'],
    [episode({ run: 'r1', lastRun: 'r2' }), '/n/default/runs/r2'],
    [episode({ subject: { kind: 'node', id: 'n', name: 'n1' } }), '/cluster'],
    [episode({ subject: { kind: 'job', id: '1', name: 'a/b c', namespace: '..' } }), '/n/../jobs/a%2Fb%20c'],
  ])('links to what it is about', (one, path) => {
    expect(told('firing', { episode: one }).link).toBe(`https://cron.example.com${path}`)
  })

  test('is told also of what has been forgotten', () => {
    expect(alertText(message({ kind: 'resolved', episode: 'gone' }), known)).toMatchObject({ key: 'gone', facts: [] })
  })
})

describe('values are plain text within bounds', () => {
  test.each(Object.values(HOSTILE))('%j', (value) => {
    const subject = { kind: 'job', id: value, name: value, namespace: value } as const
    const text = told('firing', { episode: episode({ subject, ruleName: value, summary: value }) })
    // oxlint-disable-next-line no-control-regex
    expect(JSON.stringify(text)).not.toMatch(/\\u00|\\r|\\u202e|\\ud8|[\u202e\u2028]/)
    expect(text.title).not.toContain('\n')
  })

  test('a megabyte in every field is cut between characters', () => {
    const huge = '🔥'.repeat(262_144)
    const attempts = Array.from({ length: 100 }, (_, i) => attempt(i, { error: { code: huge, message: huge } }))
    const subject = { kind: 'job', id: huge, name: huge, namespace: huge } as const
    const text = told('firing', {
      episode: episode({ subject, ruleName: huge, summary: huge, run: huge }),
      run: { run: { ...RUN, id: huge }, first: attempts, last: attempts, between: 1 },
      template: { body: '{{summary}}{{summary}}{{run}}' },
    })
    expect(text.title.length).toBeLessThanOrEqual(TITLE_CHARS_MAX)
    expect(text.summary.length).toBeLessThanOrEqual(SUMMARY_CHARS_MAX)
    expect(text.facts.length).toBeLessThanOrEqual(FACTS_MAX)
    expect(JSON.stringify(text).length).toBeLessThan(40_000)
    expect(JSON.stringify(text)).not.toMatch(/\\ud|\ufffd/)
  })

  test.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['a🔥b', 3, 'a…'],
    ['🔥🔥', 3, '🔥…'],
  ])('%s within %d characters is %s', (text, max, wanted) => {
    expect(cut(text, max)).toBe(wanted)
  })

  test.each([
    ['é🔥é', 8, 'é🔥é'],
    ['é🔥éé', 9, 'é🔥…'],
    ['é🔥éé', 8, 'é…'],
  ])('%s within %d bytes is %s', (text, max, wanted) => {
    expect(cutBytes(text, max)).toBe(wanted)
    expect(Buffer.byteLength(cutBytes(text, max))).toBeLessThanOrEqual(max)
  })

  test('line breaks become spaces on one line, and line feeds where there are several', () => {
    expect(oneLine(' a\r\nb\u2028c\td\0 ', 100)).toBe('a b c d')
    expect(plainText('a\r\nb\rc\u2028d\u0007', 100)).toBe('a\nb\nc\nd')
  })
})

describe("words of a channel's own", () => {
  test('have values put in, in which nothing is a placeholder', () => {
    const named = episode({ ruleName: '{{link}}' })
    const template = {
      title: '[{{kind}}] {{rule}} {{ subject }}',
      body: '{{count}}x since {{since}}: {{summary}}{{until}}',
    }
    expect(told('firing', { episode: named, template })).toMatchObject({
      title: '[firing] {{link}} nightly',
      summary: '1x since 2026-11-21T11:30:00Z: Run r1 failed: it broke',
    })
  })

  test('that would be empty leave the title as it is', () => {
    expect(told('firing', { template: { title: '{{until}}' } }).title).toBe('Firing: job default/nightly – failing')
  })

  test('may hold every placeholder that there is, and no other', () => {
    expect(checkTemplate({ body: TEMPLATE_NAMES.map((name) => `{{${name}}}`).join() })).toEqual([])
    expect(checkTemplate({ title: '{{sumary}}' })).toMatchObject([
      { pointer: '/title', detail: expect.stringContaining('did you mean summary?') as string },
    ])
    for (const bad of ['{{summary', 'summary}}', '{{a{{title}}', '{{}}', '{{constructor}}'])
      expect(checkTemplate({ body: bad })).toHaveLength(1)
    expect(checkTemplate({ title: 'x'.repeat(201) })).toHaveLength(1)
  })
})

test('a channel owes its summary when its window is over', () => {
  const owing = (uid: number, from: number, firing: number) =>
    ({ uid, windowMs: 1000, window: { from, sent: 1, firing, resolved: 0, episodes: [] } }) as never
  expect(summariesDue([owing(1, 0, 2), owing(2, 0, 0), owing(3, 500, 1)], 1000)).toEqual({ due: [1], nextAt: 1500 })
  expect(summariesDue([], 1000)).toEqual({ due: [] })
})

test.each([
  [0, '0.0 s'],
  [1234, '1.2 s'],
  [59_999, '59 s'],
  [60_000, '1 min'],
  [725_000, '12 min 5 s'],
  [90_000_000, '1 d 1 h'],
])('%d ms are %s', (ms, wanted) => {
  expect(lasted(ms)).toBe(wanted)
})
