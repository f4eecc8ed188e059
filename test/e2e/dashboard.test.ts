import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemRandom } from '../../control-plane/src/runtime/random.ts'
import { generateSecret } from '../../control-plane/src/signing/secret.ts'
import { start as startExecutor } from '../../examples/hono/main.ts'
import type { Started } from '../../examples/src/run.ts'
import { findBrowser, openBrowser, type Server, startServer, watch } from './browser.ts'

const browser = findBrowser()
// In CI nothing is left out: there it fails without a browser.
const tried = describe.skipIf(browser === undefined && process.env['CI'] === undefined)

tried('the dashboard', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cronclave-dashboard-'))
  let server: Server
  let executor: Started
  let context: BrowserContext

  beforeAll(async () => {
    const secret = generateSecret(systemRandom)
    executor = await startExecutor({ port: 0, secret })
    server = await startServer(join(folder, 'data'))
    await define(server, secret, executor.url)
    context = await openBrowser(browser, join(folder, 'browser'))
  })

  afterAll(async () => {
    await context?.close()
    await server?.stop()
    await executor?.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test('S109 S110 a link logs in, and from there on everything can be seen and done, with nothing from elsewhere', async () => {
    const page = await context.newPage()
    const complaints = watch(page, server.url)
    await page.goto(server.link)
    await expectJobs(page)
    expect(page.url(), 'the code is gone from the address').toBe(`${server.url}/n/default`)

    const feed = page.getByRole('list', { name: 'Recent runs' })
    const newest = feed.locator('[data-run]').first()
    const seen = await newest.getAttribute('data-run')
    await page.waitForFunction((id) => document.querySelector('[data-run]')?.getAttribute('data-run') !== id, seen)

    await page.getByRole('figure', { name: /^Runs by outcome .*Succeeded [1-9]/ }).waitFor()
    expect(await paintedBars(page), 'bars are drawn').toBeGreaterThan(50)
    await page.getByText('24 h', { exact: true }).click()
    await page.getByRole('figure', { name: /24 hours, by hour\..*Succeeded [1-9]/ }).waitFor()

    await triggerWithParameters(page)
    await pauseAndResume(page, server)
    await cancel(page)
    await explainLastFire(page)
    await fitsNarrowWindows(page)
    expect(complaints()).toEqual([])
  })

  test('the filter narrows the jobs, and an empty answer can be cleared', async () => {
    const page = await context.newPage()
    await page.goto(server.url)
    await expectJobs(page)
    await page.keyboard.press('/')
    await page.keyboard.type('greet')
    await page.getByRole('link', { name: 'every-second', exact: true }).waitFor({ state: 'detached' })
    await page.getByRole('link', { name: 'greeting', exact: true }).waitFor()
    await page.keyboard.type('zzz')
    await page.getByText('No job matches.').waitFor()
    await page.getByRole('button', { name: 'Clear the filter' }).click()
    await expectJobs(page)
  })

  test('colours follow the system until someone chooses', async () => {
    const page = await context.newPage()
    await page.goto(server.url)
    await expectJobs(page)
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    const light = await background()
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.waitForFunction((before) => getComputedStyle(document.body).backgroundColor !== before, light)
    await page.getByRole('button', { name: /^Colours: the system's/ }).click()
    await page.waitForFunction((before) => getComputedStyle(document.body).backgroundColor === before, light)
    await page.reload()
    await expectJobs(page)
    expect(await background()).toBe(light)
  })

  test('a session that ends returns to the login, and a token opens the same page again', async () => {
    const { token, secret } = await server.call<{ token: { id: string }; secret: string }>('POST', '/v1/tokens', {
      name: 'browser',
      scope: 'admin',
    })
    const page = await context.newPage()
    await page.goto(server.url)
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.waitForURL('**/login')
    await page.getByLabel('Token', { exact: true }).fill(secret)
    await page.getByRole('button', { name: 'Log in' }).click()
    await expectJobs(page)
    await page.getByRole('link', { name: 'greeting', exact: true }).click()
    await page.getByRole('heading', { name: 'greeting' }).waitFor()
    await server.call('DELETE', `/v1/tokens/${token.id}`)
    await page.getByText('The session has ended').waitFor()
    await page.getByLabel('Token', { exact: true }).fill('cct_wrong')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('alert').filter({ hasText: 'credential' }).waitFor()
    await page.getByLabel('Token', { exact: true }).fill(server.token)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('heading', { name: 'greeting' }).waitFor()
  })

  test('a server that starts again is found again, and its runs appear', async () => {
    const page = await context.newPage()
    await page.goto(server.url)
    await expectJobs(page)
    const status = page.getByRole('contentinfo').getByRole('status')
    await status.filter({ hasText: 'Live' }).waitFor()
    const { port } = new URL(server.url)
    const { token } = server
    await server.stop()
    await status.filter({ hasText: 'Reconnecting' }).waitFor()
    server = await startServer(join(folder, 'data'), port, token)
    await status.filter({ hasText: 'Live' }).waitFor()
    const seen = await page.locator('[data-run]').first().getAttribute('data-run')
    await page.waitForFunction((id) => document.querySelector('[data-run]')?.getAttribute('data-run') !== id, seen)
  })
})

/** One service with an executor, a job that fires every second, and two that run by hand. */
async function define(server: Server, secret: string, executorUrl: string): Promise<void> {
  const at = '/v1/namespaces/default'
  const handler = (name: string) => ({ kind: 'handler', service: 'examples', handler: name })
  await server.call('PUT', `${at}/services/examples`, { secret })
  await server.call('PUT', `${at}/services/examples/executors/one`, { url: executorUrl })
  await server.call('POST', `${at}/jobs`, {
    name: 'every-second',
    description: 'Counts rows',
    schedules: [{ every: '1s' }],
    target: handler('count-rows'),
  })
  await server.call('POST', `${at}/jobs`, { name: 'greeting', target: handler('greet'), params: { name: 'nobody' } })
  await server.call('POST', `${at}/jobs`, { name: 'endless.wait', target: handler('wait') })
}

async function expectJobs(page: Page): Promise<void> {
  for (const name of ['every-second', 'greeting', 'endless.wait']) {
    await page.getByRole('link', { name, exact: true }).first().waitFor()
  }
}

/** Pixels of the chart that are neither transparent nor grey. */
function paintedBars(page: Page): Promise<number> {
  return page.evaluate(() => {
    const canvas = document.querySelector('figure canvas')
    if (!(canvas instanceof HTMLCanvasElement)) return 0
    const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? []
    let coloured = 0
    for (let at = 0; at < pixels.length; at += 4) {
      const [red = 0, green = 0, blue = 0, alpha = 0] = pixels.slice(at, at + 4)
      if (alpha > 0 && Math.max(red, green, blue) - Math.min(red, green, blue) > 60) coloured++
    }
    return coloured
  })
}

async function triggerWithParameters(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Run greeting now' }).click()
  const dialog = page.getByRole('dialog')
  const editor = dialog.getByLabel('Parameters')
  expect(await editor.inputValue()).toContain('nobody')
  await editor.fill('{"name": }')
  await dialog.getByText(/^Not JSON/).waitFor()
  expect(await dialog.getByRole('button', { name: 'Run now' }).isDisabled()).toBe(true)
  await editor.fill('{"name": "Tianjin"}')
  await dialog.getByRole('button', { name: 'Run now' }).click()
  await page.waitForURL('**/runs/*')
  await page.getByRole('main').locator('h1 + [data-state=succeeded]').waitFor()
  await page.getByRole('region', { name: 'Result' }).filter({ hasText: 'Hello, Tianjin' }).waitFor()
  await page.getByRole('region', { name: 'Parameters' }).filter({ hasText: 'Tianjin' }).waitFor()
  await page.getByRole('list', { name: 'Log lines' }).filter({ hasText: 'greeting' }).waitFor()
  await page.getByRole('link', { name: 'Jobs', exact: true }).first().click()
}

async function pauseAndResume(page: Page, server: Server): Promise<void> {
  const state = async () => {
    const job = await server.call<{ state: string }>('GET', '/v1/namespaces/default/jobs/every-second')
    return job.state
  }
  const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: 'every-second', exact: true }) })
  await row.getByRole('button', { name: 'Pause every-second' }).click()
  await row.locator('[data-state=paused]').waitFor()
  expect(await state()).toBe('paused')
  await row.getByRole('button', { name: 'Resume every-second' }).click()
  await row.locator('[data-state=paused]').waitFor({ state: 'detached' })
  expect(await state()).toBe('active')
}

async function cancel(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'endless.wait', exact: true }).first().click()
  await page.getByRole('heading', { name: 'endless.wait' }).waitFor()
  await page.getByRole('button', { name: 'Run now' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Run now' }).click()
  await page.waitForURL('**/runs/*')
  await page.getByRole('main').locator('h1 + [data-state=running]').waitFor()
  await page.getByRole('button', { name: 'Cancel run' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel run' }).click()
  await page.getByRole('main').locator('h1 + [data-state=cancelled]').waitFor()
  await page.getByRole('link', { name: 'Jobs', exact: true }).first().click()
}

async function explainLastFire(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'every-second', exact: true }).first().click()
  await page.getByRole('list', { name: 'Next fires' }).getByRole('listitem').first().waitFor()
  await page.getByRole('button', { name: 'Explain' }).click()
  await page.getByRole('heading', { name: /^It (ran|is running|was skipped|was not due then)/ }).waitFor()
}

async function fitsNarrowWindows(page: Page): Promise<void> {
  await page.setViewportSize({ width: 400, height: 800 })
  for (const path of ['/n/default', '/n/default/runs', '/n/default/jobs/every-second']) {
    await page.goto(new URL(path, page.url()).href)
    await page.locator('[data-state=succeeded]').first().waitFor()
    expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(400)
  }
}
