import { afterEach, describe, expect, test } from 'vitest'
import { readFileSync } from 'node:fs'
import { PrivateCa } from '../../../../test/support/private-ca.ts'
import { DROP, MailServer, type MailServerOptions, ScriptedServer } from '../../../../test/support/smtp.ts'
import { guardedDial } from '../../dispatch/connector.ts'
import { createEgressPolicy } from '../../dispatch/egress.ts'
import { UNTRUSTED } from '../../dispatch/fixtures.ts'
import { systemClock } from '../../runtime/clock.ts'
import type { AlertText, Sent } from '../channel.ts'
import { alertText } from '../text.ts'
import { channelOf, HOSTILE, textWith } from './fixtures.ts'
import { Mailer, type MailerDeps, type MailTarget } from './mail.ts'

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function server(options: MailServerOptions = {}): Promise<MailServer> {
  const started = await MailServer.start(options)
  closing.push(() => started.close())
  return started
}

function mailer(change: Partial<MailerDeps> & { allowLoopback?: boolean } = {}): Mailer {
  const { allowLoopback = true, ...deps } = change
  const dial = guardedDial({ egress: createEgressPolicy({ allowLoopback }), timeoutMs: 2000 })
  const made = new Mailer({ clock: systemClock(), dial, ...deps })
  closing.push(() => made.close())
  return made
}

function target(port: number, change: Partial<MailTarget> = {}): MailTarget {
  const base = {
    kind: 'email',
    host: '127.0.0.1',
    security: 'none',
    from: 'cron@example.com',
    to: ['ops@example.com'],
  } as const
  return { ...base, to: [...base.to], port, ...change }
}

const plain = textWith('Job failed')

function send(by: Mailer, to: MailTarget, text: AlertText = plain, password?: string, version = 1): Promise<Sent> {
  return by.send(channelOf(to, { version }), to, password, text)
}

describe('a mail', () => {
  test('arrives at every recipient as text and HTML, and says that a machine sent it', async () => {
    const { port, mails } = await server()
    const to = ['a@example.com', 'b@example.com', 'c@example.com']
    expect(await send(mailer(), target(port, { to }))).toEqual({ kind: 'delivered' })
    const [{ mail, ...arrived } = { mail: undefined }] = mails
    expect(arrived).toMatchObject({ from: 'cron@example.com', to })
    expect(mail?.subject).toBe('Job failed')
    expect(mail?.text).toContain('https://cron.example.com/n/default/runs/r1')
    expect(mail?.html).toContain('<a href="https://cron.example.com/n/default/runs/r1">')
    expect(mail?.headers.get('auto-submitted')).toBe('auto-generated')
  })

  test('that says that it is over stands in the thread of the one that said it began', async () => {
    const { port, mails } = await server()
    const by = mailer()
    await send(by, target(port))
    await send(by, target(port), { ...plain, kind: 'resolved', id: 'alert_c1_9' })
    const [first, second] = mails
    expect(first?.mail.messageId).toBe('<e7.c1@example.com>')
    expect(second?.mail.references).toBe(first?.mail.messageId)
    expect(second?.mail.inReplyTo).toBe(first?.mail.messageId)
    expect(second?.mail.messageId).not.toBe(first?.mail.messageId)
  })

  test('goes over connections that are kept until the channel is changed', async () => {
    const started = await server()
    const by = mailer()
    for (let i = 0; i < 3; i++) await send(by, target(started.port))
    expect(started.connections).toBe(1)
    await send(by, target(started.port), plain, undefined, 2)
    expect(started.connections).toBe(2)
  })

  test.each(
    Object.entries(HOSTILE),
  )('with %s in every field adds no header, no recipient and no markup', async (_, value) => {
    const { port, mails } = await server()
    const message = {
      id: 1,
      channel: 1,
      about: { kind: 'firing', episode: 'e' },
      at: 0,
      state: 'open',
      attempts: 0,
    } as const
    const subject = { kind: 'job', id: '1', name: value, namespace: value } as const
    const episode = {
      ...{ id: 'e', rule: 1, ruleName: value, namespace: 1, subject, state: 'firing' as const },
      ...{ since: 0, count: 2, lastAt: 0, summary: value as string },
    }
    const text = alertText(message, { cluster: value, baseUrl: 'https://c.example', channel: value, episode })
    expect(await send(mailer(), target(port), text)).toEqual({ kind: 'delivered' })
    const [{ mail, to } = { mail: undefined, to: undefined }] = mails
    expect(to).toEqual(['ops@example.com'])
    expect(mail?.bcc).toBeUndefined()
    expect([...(mail?.headers.keys() ?? [])].sort()).toEqual([
      'auto-submitted',
      'content-type',
      'date',
      'from',
      'message-id',
      'mime-version',
      'subject',
      'to',
      'x-auto-response-suppress',
    ])
    expect(mail?.html).not.toMatch(/<script|<img|<b>/)
    for (const unseen of ['\0', '\x07', '\x1b', '\u202e']) expect(mail?.text).not.toContain(unseen)
    expect(mail?.subject).toContain(value === HOSTILE.wide ? '任务失败 🔥𝒳é' : 'Firing: job')
  })

  test('of a megabyte in every field is cut between characters', async () => {
    const { port, mails } = await server()
    const huge = '🔥'.repeat(262_144)
    const message = { id: 1, channel: 1, about: { kind: 'test', by: huge }, at: 0, state: 'open', attempts: 0 } as const
    const text = alertText(message, {
      cluster: 'c',
      baseUrl: 'https://c.example',
      channel: huge,
      template: { body: huge },
    })
    expect(await send(mailer(), target(port), text)).toEqual({ kind: 'delivered' })
    const [{ raw, mail } = { raw: '', mail: undefined }] = mails
    expect(raw.length).toBeLessThan(100_000)
    expect(mail?.subject).toMatch(/^Test message of channel (🔥)+…$/u)
    expect(mail?.text).not.toContain('\ufffd')
  })
})

describe('a mail server', () => {
  test('that refuses one recipient of three is said, and the others have it', async () => {
    const { port, mails } = await server({ refuses: (who) => (who.startsWith('gone') ? 550 : undefined) })
    const to = ['a@example.com', 'gone@example.com', 'b@example.com']
    const sent = await send(mailer(), target(port, { to }))
    expect(sent).toMatchObject({ kind: 'partly', error: expect.stringContaining('gone@example.com') as string })
    expect(mails[0]?.to).toEqual(['a@example.com', 'b@example.com'])
  })

  test.each([
    [{ later: 451 }, ['later@example.com'], undefined],
    [{ later: 450, gone: 550 }, ['later@example.com'], 'gone@example.com'],
    [{ later: 503, gone: 550 }, ['later@example.com'], 'gone@example.com'],
    [{ gone: 550 }, undefined, undefined],
  ])('that refuses some of three for now leaves those to be told again: %o', async (codes: Record<
    string,
    number
  >, left, refused) => {
    const { port, mails } = await server({ refuses: (who) => codes[who.split('@')[0] ?? ''] })
    const to = ['a@example.com', 'later@example.com', 'gone@example.com']
    const sent = await send(mailer(), target(port, { to }))
    if (sent.kind !== 'partly') throw new Error(sent.kind)
    expect(mails).toHaveLength(1)
    expect(sent.left?.to).toEqual(left)
    expect(sent.left?.refused?.includes('later')).toBe(refused === undefined ? undefined : false)
    if (refused !== undefined) expect(sent.left?.refused).toContain(refused)
    for (const name of Object.keys(codes)) expect(sent.error).toContain(name)
  })

  test.each([
    ['Later@Example.COM'],
    ['later@XN--Exmple-cua.com'],
  ])('that refuses %s for now leaves it as the channel names it, however it was written on the way', async (later) => {
    const { port } = await server({ refuses: (who) => (who.startsWith('a@') ? undefined : 451) })
    const sent = await send(mailer(), target(port, { to: ['a@example.com', later] }))
    expect(sent).toMatchObject({ kind: 'partly', left: { to: [later] } })
  })

  test.each([
    ['all recipients for good', { refuses: () => 550 }, 'failed'],
    ['all recipients for now', { refuses: () => 451 }, 'retry'],
    ['the message for good', { refusesMessage: () => 554 }, 'failed'],
    ['the message for now', { refusesMessage: () => 452 }, 'retry'],
  ])('that refuses %s is tried again only where that may help', async (_, options, kind) => {
    const { port } = await server(options)
    expect(await send(mailer(), target(port))).toMatchObject({ kind })
  })

  test('takes further mails after one that it refused', async () => {
    let code: number | undefined = 554
    const { port, mails } = await server({ refusesMessage: () => code })
    const by = mailer()
    expect(await send(by, target(port))).toMatchObject({ kind: 'failed' })
    code = undefined
    expect(await send(by, target(port))).toEqual({ kind: 'delivered' })
    expect(mails).toHaveLength(1)
  })

  test('is asked for a login, and a wrong password waits before it is tried again', async () => {
    const { port } = await server({ login: { user: 'cron', password: 'right' } })
    const by = mailer()
    const to = target(port, { user: 'cron' })
    const sent = await send(by, to, plain, 'wrong')
    expect(sent).toMatchObject({ kind: 'retry', afterMs: 60_000, error: expect.stringContaining('535') as string })
    expect(JSON.stringify(sent)).not.toContain('wrong')
    expect(await send(by, to, plain, 'right', 2)).toEqual({ kind: 'delivered' })
  })

  test('that is not there, drops the connection or says nonsense is tried again', async () => {
    const gone = await MailServer.start()
    const { port } = gone
    await gone.close()
    expect(await send(mailer(), target(port))).toMatchObject({ kind: 'retry' })
    const drops = await ScriptedServer.start('220 hello', (line) => (line.startsWith('MAIL') ? DROP : '250 fine'))
    closing.push(() => drops.close())
    expect(await send(mailer(), target(drops.port))).toMatchObject({ kind: 'retry' })
    const web = await ScriptedServer.start('HTTP/1.1 400 Bad Request', () => undefined)
    closing.push(() => web.close())
    expect(await send(mailer(), target(web.port))).toMatchObject({ kind: 'retry' })
  })

  test('that drops the connection in the middle of a message is tried again, by whoever asked, not by itself', async () => {
    let inData = false
    const drops = await ScriptedServer.start('220 hello', (line) => {
      if (inData) return line === '.' ? DROP : undefined
      inData = line === 'DATA'
      return inData ? '354 go on' : '250 fine'
    })
    closing.push(() => drops.close())
    expect(await send(mailer(), target(drops.port))).toMatchObject({ kind: 'retry' })
    expect(drops.lines.filter((line) => line === 'DATA')).toHaveLength(1)
  })

  test('that greets late is given up on in time', async () => {
    const silent = await ScriptedServer.start(undefined, () => undefined)
    closing.push(() => silent.close())
    const before = performance.now()
    expect(await send(mailer(), target(silent.port))).toMatchObject({
      kind: 'retry',
      error: expect.stringContaining('Greeting') as string,
    })
    expect(performance.now() - before).toBeLessThan(8000)
  })
})

describe('TLS', () => {
  test('that is required is not done without', async () => {
    const { port, mails } = await server()
    expect(await send(mailer(), target(port, { security: 'starttls' }))).toMatchObject({ kind: 'retry' })
    expect(mails).toEqual([])
  })

  test('is refused with a certificate that nobody vouches for, before any password is said', async () => {
    const { port } = await server({ tls: UNTRUSTED, login: { user: 'cron', password: 'right' } })
    const to = target(port, { security: 'starttls', user: 'cron' })
    expect(await send(mailer(), to, plain, 'right')).toMatchObject({
      kind: 'retry',
      error: expect.stringMatching(/self.signed/) as string,
    })
    const atOnce = await server({ tls: { ...UNTRUSTED, atOnce: true } })
    expect(await send(mailer(), target(atOnce.port, { security: 'tls' }))).toMatchObject({ kind: 'retry' })
    expect(atOnce.mails).toEqual([])
  })

  test('is spoken with a certificate of the right name only', async () => {
    const authority = new PrivateCa()
    closing.push(() => authority.remove())
    const ca = readFileSync(authority.ca, 'utf8')
    const files = (names: string) => {
      const { cert, key } = authority.issue('mail', names)
      return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
    }
    const right = await server({ tls: files('IP:127.0.0.1'), login: { user: 'cron', password: 'right' } })
    const to = target(right.port, { security: 'starttls', user: 'cron' })
    expect(await send(mailer({ ca }), to, plain, 'right')).toEqual({ kind: 'delivered' })
    const atOnce = await server({ tls: { ...files('DNS:localhost'), atOnce: true } })
    const named = target(atOnce.port, { security: 'tls', host: 'localhost' })
    expect(await send(mailer({ ca }), named)).toEqual({ kind: 'delivered' })
    const wrong = await server({ tls: files('DNS:elsewhere.example') })
    expect(await send(mailer({ ca }), target(wrong.port, { security: 'starttls' }))).toMatchObject({ kind: 'retry' })
    expect(wrong.mails).toEqual([])
  })
})

test('a mail server that the egress policy refuses is not connected to, by address or by name', async () => {
  const started = await MailServer.start()
  for (const host of ['127.0.0.1', 'localhost', '::ffff:127.0.0.1']) {
    const sent = await send(mailer({ allowLoopback: false }), target(started.port, { host }))
    expect(sent).toMatchObject({ kind: 'failed', error: expect.stringContaining('loopback') as string })
  }
  // Whoever connected has been seen by then.
  await started.close()
  expect(started.connections).toBe(0)
})
