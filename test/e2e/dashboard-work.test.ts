import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { systemRandom } from '../../control-plane/src/runtime/random.ts'
import { generateSecret } from '../../control-plane/src/signing/secret.ts'
import { start as startExecutor } from '../../examples/hono/main.ts'
import type { Started } from '../../examples/src/run.ts'
import { findBrowser, openBrowser, type Server, startServer, watch } from './browser.ts'

const NS = '/v1/namespaces/default'
const browser = findBrowser()
const tried = describe.skipIf(browser === undefined && process.env['CI'] === undefined)

tried('work in the dashboard', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cronclave-dashboard-work-'))
  let server: Server
  let executors: Started[]
  let plain: HttpServer
  let context: BrowserContext
  let page: Page
  let complaints: () => string[]
  /** Whether the plain endpoint works on the item `bad` too. */
  let healed = false

  beforeAll(async () => {
    const secret = generateSecret(systemRandom)
    executors = await Promise.all([startExecutor({ port: 0, secret }), startExecutor({ port: 0, secret })])
    plain = createServer(({ url = '' }, response) => {
      response.writeHead(url.includes('bad') && !healed ? 500 : 200).end()
    }).listen(0, '127.0.0.1')
    await once(plain, 'listening')
    server = await startServer(join(folder, 'data'))
    await define(secret)
    context = await openBrowser(browser, join(folder, 'browser'))
    page = await context.newPage()
    complaints = watch(page, server.url)
    await page.goto(server.link)
    await page.getByRole('link', { name: 'endless', exact: true }).waitFor()
  })

  afterEach(() => expect(complaints()).toEqual([]))

  afterAll(async () => {
    await context?.close()
    await server?.stop()
    await Promise.all((executors ?? []).map((executor) => executor.close()))
    plain?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  /** Two executors with the SDK, two slots and one; an endpoint without it; and jobs that only run by hand. */
  async function define(secret: string): Promise<void> {
    await server.call('PUT', `${NS}/services/examples`, { secret })
    await server.call('PUT', `${NS}/services/plain`, {})
    for (const [i, { url }] of executors.entries()) {
      await server.call('PUT', `${NS}/services/examples/executors/${['one', 'two'][i]}`, { url, slots: 2 - i })
    }
    const { port } = plain.address() as AddressInfo
    await server.call('PUT', `${NS}/services/plain/executors/p1`, { url: `http://127.0.0.1:${port}/` })
    const handler = (name: string) => ({ kind: 'handler', service: 'examples', handler: name })
    await put('endless', { target: handler('wait'), overlap: 'allow', labels: { team: 'ops' }, timeout: '1h' })
    await put('greeting', { target: handler('greet'), params: { name: 'Tianjin' }, overlap: 'allow', timeout: '1h' })
    await put('sent', { target: handler('greet'), params: { name: 'x' } })
    await put('summed', { target: handler('greet'), params: { name: 'x' }, children: [{ job: 'sent', on: 'success' }] })
    await put('daily', {
      target: handler('greet'),
      params: { name: 'x' },
      schedules: [{ cron: '0 0 * * *' }],
      children: [{ job: 'summed', on: 'success' }],
    })
    await put('items', {
      target: { kind: 'http', service: 'plain', method: 'GET', path: '/work', query: { items: '{{shard.items}}' } },
      routing: { strategy: 'sharded' },
      sharding: { items: ['alpha', 'bad', 'gamma'], mode: 'per-item' },
      failover: false,
      children: [{ job: 'daily', on: 'completion' }],
    })
  }

  const put = (name: string, definition: object) => server.call('PUT', `${NS}/jobs/${name}`, definition)
  const run = async (job: string) => (await server.call<{ id: string }>('POST', `${NS}/jobs/${job}/trigger`, {})).id
  const cancel = (id: string) => server.call('POST', `${NS}/runs/${id}/cancel`)
  const go = (path: string) => page.goto(`${server.url}${path}`)
  const state = (word: string) => page.getByRole('main').locator(`h1 + [data-state=${word}]`)

  test('S116 the map has a square for every slot, with what runs in it and what waits', async () => {
    const runs = [await run('endless'), await run('endless'), await run('endless'), await run('endless')]
    await go('/n/default/map')
    const one = page.getByRole('list', { name: 'Slots of one' })
    const two = page.getByRole('list', { name: 'Slots of two' })
    const waiting = page.getByRole('list', { name: 'Waiting for examples' })
    await expectCount(one.getByRole('link', { name: 'endless, Running' }), 2)
    await expectCount(two.getByRole('link', { name: 'endless, Running' }), 1)
    await expectCount(waiting.getByRole('link', { name: 'endless, Waiting' }), 1)
    await page
      .getByRole('definition')
      .filter({ hasText: /^3 0\.3 %$/ })
      .waitFor()
    await page.getByRole('region', { name: 'Queues' }).getByText('default/examples').waitFor()

    await one.getByRole('link').first().focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowDown')
    expect(
      await two
        .getByRole('link')
        .first()
        .evaluate((cell) => cell === document.activeElement),
    ).toBe(true)
    await page.getByRole('region', { name: 'Run', exact: true }).getByText('two', { exact: true }).waitFor()

    await page.getByLabel('Job, part of its name').fill('END')
    await page.getByText('4 found').waitFor()
    expect(await page.locator('[data-hit]').count()).toBe(4)
    await page.getByLabel('State', { exact: true }).selectOption('waiting')
    await page.getByText('1 found').waitFor()
    await page.getByLabel('Label of the job').fill('team=nobody')
    await page.getByText('0 found').waitFor()
    await expectCount(page.locator('[data-cell]'), 0)
    await page.getByLabel('Label of the job').fill('team=ops')
    await page.getByText('1 found').waitFor()

    for (const id of runs) await cancel(id)
    await expectCount(page.locator('[data-cell]'), 0)
    await expectCount(page.getByTitle('Idle'), 3)
  })

  test('S111 a job is made in a form that says what is wrong, changed, and put back to what it was', async () => {
    await go('/n/default')
    await page.getByRole('link', { name: 'New job' }).click()
    await page.getByLabel('Name', { exact: true }).fill('report')
    await page.getByLabel('Service', { exact: true }).selectOption('examples')
    await page.getByLabel('Handler').fill('greet')
    await page.getByRole('button', { name: 'Add a schedule' }).click()
    await page.getByLabel('Expression').fill('60 9 * * *')
    await page.getByRole('button', { name: 'Create' }).click()
    await page.locator('.mantine-InputWrapper-error').filter({ hasText: 'minute' }).waitFor()
    await page.getByLabel('Expression').fill('30 9 * * *')
    await page.getByRole('button', { name: 'Preview' }).click()
    await page.getByRole('listitem').filter({ hasText: '10:30:00' }).first().waitFor()
    await page.getByLabel('Routing').selectOption('sharded')
    await page.getByLabel('Items 0 to count').fill('8')
    await page.getByRole('button', { name: 'Create' }).click()
    await page.waitForURL('**/jobs/report')
    await page.getByText('8 items, shared out').waitFor()
    // It is refused with 422 once, which is what is tried here.
    expect(complaints().every((text) => text.includes('422'))).toBe(true)
    complaints = watch(page, server.url)

    await page.getByRole('link', { name: 'Edit' }).click()
    await page.getByLabel('Expression').fill('45 9 * * *')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.waitForURL('**/jobs/report')
    const history = page.getByRole('region', { name: 'History of the definition' })
    await history.getByText('schedules[0].cron').waitFor()
    await history.getByRole('button', { name: 'Put back' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Put back' }).click()
    await history.getByText('Version 3').waitFor()
    const job = await server.call<{ definition: { schedules: { cron: string }[] } }>('GET', `${NS}/jobs/report`)
    expect(job.definition.schedules[0]?.cron).toBe('30 9 * * *')
  })

  test('S112 a run shows its shards and its chain, its failed shards are done again, and runs are deleted', async () => {
    const id = await run('items')
    await go(`/n/default/runs/${id}`)
    await state('failed').waitFor()
    const shards = page.getByRole('region', { name: 'Shards' })
    await shards.getByText('3: 2 succeeded, 1 failed').waitFor()
    await shards.getByRole('row').filter({ hasText: 'bad' }).locator('[data-state=failed]').waitFor()
    await shards.getByLabel('State of the shards').selectOption('failed')
    await expectCount(shards.getByRole('row'), 2)
    const chain = page.getByRole('region', { name: 'Chain' })
    await chain.getByText('Its end started').waitFor()
    await chain.getByRole('link', { name: 'daily' }).waitFor()
    await chain.getByRole('link', { name: 'sent' }).click()
    await page.waitForURL((url) => !url.pathname.endsWith(id))
    await chain.getByRole('listitem').last().filter({ hasText: 'This run' }).waitFor()
    await expectTexts(chain.getByRole('link'), ['items', 'daily', 'summed'])
    await page.goBack()
    await page.waitForURL((url) => url.pathname.endsWith(id))

    healed = true
    await page.getByRole('button', { name: 'Rerun failed shards' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Rerun failed shards' }).click()
    await page.waitForURL((url) => !url.pathname.endsWith(id))
    await state('succeeded').waitFor()
    await chain.getByText('Does again').waitFor()
    await chain.getByRole('link', { name: id }).click()
    await chain.getByText('Done again by').waitFor()

    await page.getByRole('link', { name: 'Runs', exact: true }).click()
    await page.getByLabel('Job, by its exact name').fill('items')
    await expectCount(page.getByRole('row'), 3)
    await page.getByRole('button', { name: 'Delete' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('State').selectOption('failed')
    await dialog.getByLabel('Due before').fill('2099-01-01T00:00:00')
    await dialog.getByRole('button', { name: 'Preview' }).click()
    await dialog.getByText('1 run', { exact: true }).waitFor()
    await dialog.getByRole('button', { name: 'Delete 1' }).click()
    await dialog.getByText('1 deleted.').waitFor()
    await dialog.getByRole('button', { name: 'Close' }).last().click()
    await expectCount(page.getByRole('row'), 2)
  })

  test('a past range is shown before it is run again, and a run by hand may name its time and its executor', async () => {
    await go('/n/default/jobs/daily')
    await page.getByRole('button', { name: 'Run a past range' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('From').fill('2026-01-01T12:00:00')
    await dialog.getByLabel('To, excluded').fill('2026-01-04T12:00:00')
    await dialog.getByRole('button', { name: 'Preview' }).click()
    await dialog.getByText('3 runs', { exact: true }).waitFor()
    await dialog.getByRole('button', { name: 'Start backfill' }).click()
    const backfills = page.getByRole('region', { name: 'Backfills' })
    await backfills.getByText('3 of 3').waitFor()

    await page.getByRole('button', { name: 'Run now' }).click()
    await dialog.getByLabel('Fire time').fill('2026-02-03T04:05:06')
    await dialog.getByLabel('Executor').selectOption('two')
    await dialog.getByRole('button', { name: 'Run now' }).click()
    await page.waitForURL('**/runs/*')
    await state('succeeded').waitFor()
    const facts = page.getByRole('region', { name: 'Facts' })
    await facts.getByText('3 Feb 2026, 04:05:06').waitFor()
    await facts.getByText('two', { exact: true }).waitFor()
  })

  test('S032 all schedules of a namespace and of the whole scheduler are stopped, and go on', async () => {
    await go('/n/default')
    await page.getByRole('button', { name: 'Pause all' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click()
    const banner = page.getByRole('alert').filter({ hasText: 'The schedules of default are paused' })
    await banner.waitFor()
    await banner.getByRole('button', { name: 'Resume' }).click()
    await banner.waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'Cluster' }).click()
    await page.getByRole('button', { name: 'Pause scheduler' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Pause' }).click()
    const all = page.getByRole('alert').filter({ hasText: 'The scheduler is paused' })
    await all.getByRole('button', { name: 'Resume' }).click()
    await all.waitFor({ state: 'detached' })
  })

  test('S113 the page of the members adds one and removes it again', async () => {
    await go('/n/default/cluster')
    await page.getByRole('button', { name: 'Add member' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('n2')
    await dialog.getByRole('button', { name: 'Add' }).click()
    await dialog
      .getByText(/^ccj_|join/)
      .first()
      .waitFor()
    await page.keyboard.press('Escape')
    const row = page.getByRole('row').filter({ hasText: 'n2' })
    await row.getByRole('button', { name: /Remove/ }).click()
    await dialog.getByRole('button', { name: 'Remove n2' }).click()
    await row.waitFor({ state: 'detached' })
  })

  test('no page is wider than a small window', async () => {
    const id = await run('items')
    const endless = await run('endless')
    await page.setViewportSize({ width: 400, height: 800 })
    for (const path of ['map', 'new', 'jobs/items/edit', 'jobs/items', 'jobs/daily', `runs/${id}`, 'cluster']) {
      await go(`/n/default/${path}`)
      await page.getByRole('heading', { level: 1 }).waitFor()
      await page.locator('.mantine-Skeleton-root').first().waitFor({ state: 'detached' })
      expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(400)
    }
    await page.setViewportSize({ width: 1440, height: 900 })
    await cancel(endless)
  })

  test('S117 whoever may not see the cluster is shown no way to it', async () => {
    const { secret } = await server.call<{ secret: string }>('POST', '/v1/tokens', {
      name: 'tenant',
      scope: 'namespace:default',
    })
    await page.getByRole('link', { name: 'Cluster' }).waitFor()
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByLabel('Token', { exact: true }).fill(secret)
    // What was still being asked for was refused.
    complaints = watch(page, server.url)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('link', { name: 'Job map' }).click()
    await page.getByRole('list', { name: 'Slots of one' }).waitFor()
    expect(await page.getByRole('link', { name: 'Cluster' }).count()).toBe(0)
    expect(await page.getByRole('region', { name: 'Queues' }).count()).toBe(0)
  })

  async function expectTexts(found: ReturnType<Page['locator']>, texts: string[]): Promise<void> {
    for (const [at, hasText] of texts.entries()) await found.nth(at).filter({ hasText }).waitFor()
    await expectCount(found, texts.length)
  }

  async function expectCount(found: ReturnType<Page['locator']>, count: number): Promise<void> {
    if (count === 0) return found.first().waitFor({ state: 'detached' })
    await found.nth(count - 1).waitFor()
    await found.nth(count).waitFor({ state: 'detached' })
  }
})
