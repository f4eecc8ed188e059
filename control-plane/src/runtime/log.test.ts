import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Clock, systemClock } from './clock.ts'
import { createLog } from './log.ts'
import { RotatedFile } from './log-file.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cronclave-log-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** The machine's clock, which can be put forward. */
function movableClock(): Clock & { forward(ms: number): void } {
  const machine = systemClock()
  let ahead = 0
  return {
    now: () => machine.now() + ahead,
    monotonic: () => machine.monotonic() + ahead,
    after: machine.after,
    forward: (ms) => {
      ahead += ms
    },
  }
}

function rotatedFile(change: object = {}) {
  const clock = movableClock()
  const reports: string[] = []
  const options = { path: join(folder, 'a.log'), maxSizeBytes: 100, maxAgeMs: 60_000, maxFiles: 3, ...change }
  return { file: new RotatedFile(options, clock, (message) => reports.push(message)), clock, reports }
}

const content = (name: string) => readFile(join(folder, name), 'utf8')
const line = (text: string) => `${text.padEnd(39, '.')}\n`

test('S023 a file is rotated before a line would make it larger than its size, and only so many are kept', async () => {
  const { file } = rotatedFile()
  for (let number = 1; number <= 11; number++) file.write(line(`line ${number}`))
  await file.close()
  expect((await readdir(folder)).sort()).toEqual(['a.log', 'a.log.1', 'a.log.2', 'a.log.3'])
  expect(await content('a.log')).toBe(line('line 11'))
  expect(await content('a.log.1')).toBe(line('line 9') + line('line 10'))
  expect(await content('a.log.3')).toBe(line('line 5') + line('line 6'))
})

test('a file is rotated at its age, also when another process began it', async () => {
  const first = rotatedFile()
  first.file.write('old\n')
  await first.file.close()
  const { file, clock } = rotatedFile()
  file.write('still young\n')
  await file.flush()
  clock.forward(61_000)
  file.write('new\n')
  await file.close()
  expect(await content('a.log')).toBe('new\n')
  expect(await content('a.log.1')).toBe('old\nstill young\n')
})

test('a start goes on in the file that is there, within its size', async () => {
  for (const text of ['one', 'two', 'three']) {
    const { file } = rotatedFile()
    file.write(line(text))
    await file.close()
  }
  expect(await content('a.log.1')).toBe(line('one') + line('two'))
  expect(await content('a.log')).toBe(line('three'))
})

test('a line longer than the size gets a file of its own', async () => {
  const { file } = rotatedFile()
  file.write('short\n')
  file.write(`${'x'.repeat(500)}\n`)
  file.write('short\n')
  await file.close()
  expect(await content('a.log.1')).toHaveLength(501)
})

test('a file that cannot be written is reported once, and goes on with a count of the lost lines when it can', async () => {
  const { file, clock, reports } = rotatedFile({ path: join(folder, 'a.log', 'b.log') })
  await mkdir(join(folder, 'a.log', 'b.log'), { recursive: true })
  file.write('lost\n')
  await file.flush()
  file.write('lost while it rests\n')
  clock.forward(6000)
  file.write('lost again\n')
  await file.flush()
  expect(reports).toEqual([expect.stringContaining('EISDIR')])
  await rm(join(folder, 'a.log'), { recursive: true })
  clock.forward(6000)
  file.write('written\n')
  await file.close()
  const [first, second] = (await content('a.log/b.log')).split('\n')
  expect(first).toBe('written')
  expect(JSON.parse(second ?? '')).toMatchObject({ level: 'warn', lost: 3 })
})

const config = {
  target: 'stdout',
  path: '',
  level: 'info',
  format: 'auto',
  maxSizeBytes: 1000,
  maxAgeMs: 1000,
  maxFiles: 1,
} as const

function captured(change: object, terminal: boolean, log: (logger: ReturnType<typeof createLog>['logger']) => void) {
  let text = ''
  const stdout = { write: (chunk: string) => (text += chunk), isTTY: terminal }
  log(createLog({ ...config, ...change }, systemClock(), { stdout, stderr: stdout }).logger)
  return text
}

test('secrets are written nowhere, neither at the top nor within', () => {
  const secret = 'hunter2'
  for (const terminal of [true, false]) {
    const text = captured({}, terminal, (logger) =>
      logger.info(
        { token: secret, headers: { authorization: secret }, request: { headers: { cookie: secret } } },
        'called',
      ),
    )
    expect(text).toContain('(hidden)')
    expect(text).not.toContain(secret)
  }
})

test('a terminal gets a line for people, anything else gets JSON', () => {
  expect(captured({}, true, (logger) => logger.info({ job: 'a b' }, 'fired'))).toMatch(/info.*fired.*job=.*"a b"\n$/)
  const text = captured({}, false, (logger) => logger.warn({ job: 'a' }, 'fired'))
  expect(JSON.parse(text)).toMatchObject({ level: 'warn', job: 'a', msg: 'fired', time: expect.stringContaining('Z') })
  expect(captured({ level: 'error' }, false, (logger) => logger.warn('fired'))).toBe('')
})

test('a value cannot move the cursor of a terminal', () => {
  expect(captured({ format: 'text' }, false, (logger) => logger.info('a\u001B[2Jb\rc'))).toContain('a\\x1b[2Jb\\x0dc')
})
