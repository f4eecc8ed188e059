import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findBrowser, openBrowser, type Server, startServer, watch } from './browser.ts'

const NS = '/v1/namespaces/default'
const browser = findBrowser()

const PARAMS = {
  type: 'object',
  properties: {
    city: { enum: ['tianjin', 'shanghai'], title: 'City', description: 'Where the report is of' },
    times: { type: 'integer', minimum: 1, default: 1 },
    rate: { type: 'number', maximum: 1 },
    dry: { type: 'boolean', default: false },
    loud: { type: 'boolean' },
    since: { type: 'string', format: 'date' },
    at: { type: 'string', format: 'date-time' },
    tags: { type: 'array', items: { type: 'string', maxLength: 5 } },
    mail: {
      type: 'object',
      properties: { to: { type: 'string', format: 'email' }, copies: { type: 'integer' } },
      required: ['to'],
    },
    rows: { type: 'array', items: { type: 'object' } },
  },
  required: ['city'],
}

describe.skipIf(browser === undefined && process.env['CI'] === undefined)(
  'parameters in the dashboard',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'cronclave-dashboard-params-'))
    let server: Server
    let context: BrowserContext
    let page: Page

    beforeAll(async () => {
      server = await startServer(join(folder, 'data'))
      await server.call('PUT', `${NS}/services/billing`, {})
      await server.call('PUT', `${NS}/services/billing/manifest`, { handlers: [{ name: 'report', params: PARAMS }] })
      context = await openBrowser(browser, join(folder, 'browser'))
      page = await context.newPage()
      await page.goto(server.link)
      await page.getByRole('link', { name: 'New job' }).first().click()
    })

    afterAll(async () => {
      await context?.close()
      await server?.stop()
      rmSync(folder, { recursive: true, force: true })
    })

    test('a job is written in a form that its handler made, and what is wrong stands at its field', async () => {
      await page.getByLabel('Name', { exact: true }).fill('nightly')
      await page.getByLabel('Service', { exact: true }).selectOption('billing')
      expect(await page.getByLabel('City').count()).toBe(0)
      await page.getByLabel('Handler', { exact: true }).fill('report')
      const form = page.getByRole('region', { name: 'Parameters' })
      await form.getByLabel('City').waitFor()
      await form.getByLabel('times').fill('0')
      await form.getByLabel('since').fill('2026-11-20')
      await form.getByLabel('tags').fill('daily\nshort-lived')
      await form.getByLabel(/^to /).fill('nobody')
      await form.getByLabel('rows').fill('[{"a": 1}]')
      await page.getByRole('button', { name: 'Create' }).click()
      await form.getByText('must be at least 1').waitFor()
      await form.getByText('must be an e-mail address').waitFor()
      await form.getByText('must have at most 5 characters').waitFor()
      await screenshots('job')
      await form.getByLabel('times').fill('2')
      await form.getByLabel('City').selectOption('tianjin')
      await form.getByLabel('tags').fill('daily')
      await form.getByLabel(/^to /).fill('ada@example.com')
      await form.getByLabel('at', { exact: true }).fill('2026-11-20T16:00:00')
      await form.getByLabel('dry').check({ force: true })
      await form.getByText('JSON', { exact: true }).click()
      expect(JSON.parse(await form.getByLabel('Parameters').last().inputValue())).toEqual(GIVEN)
      await form.getByText('Form', { exact: true }).click()
      await page.getByRole('button', { name: 'Create' }).click()
      await page.waitForURL('**/jobs/nightly')
      const { definition } = await server.call<{ definition: object }>('GET', `${NS}/jobs/nightly`)
      expect(definition).toMatchObject({ params: GIVEN })
    })

    test('a run is given its parameters in the same form', async () => {
      await page.getByRole('button', { name: 'Run now' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('City').selectOption('shanghai')
      await dialog.getByLabel('rate').fill('2')
      await dialog.getByRole('button', { name: 'Run now' }).click()
      await dialog.getByText('must be at most 1', { exact: true }).waitFor()
      await screenshots('trigger')
      await dialog.getByLabel('rate').fill('0.5')
      await dialog.getByRole('button', { name: 'Run now' }).click()
      await page.waitForURL('**/runs/*')
      const [run] = (await server.call<{ items: { id: string }[] }>('GET', `${NS}/runs?job=nightly`)).items
      const { params } = await server.call<{ params: object }>('GET', `${NS}/runs/${run?.id}`)
      expect(params).toEqual({ ...GIVEN, city: 'shanghai', rate: 0.5 })
    })

    test('nothing that is typed is lost or changed, and what cannot be read is not left out', async () => {
      await page.goto(`${server.url}/n/default/jobs/nightly`)
      await page.getByRole('button', { name: 'Run now' }).click()
      const dialog = page.getByRole('dialog')
      const run = dialog.getByRole('button', { name: 'Run now' })
      const rate = dialog.getByLabel('rate')
      await rate.pressSequentially('-0.05')
      expect(await rate.inputValue()).toBe('-0.05')
      const copies = dialog.getByLabel('copies')
      await copies.pressSequentially('12345678901234567890')
      await dialog.getByText('12345678901234567890 is more than a number holds.').waitFor()
      await copies.fill('')
      await dialog.getByLabel('City').selectOption('')
      expect(await dialog.getByLabel('City').locator('option:checked').textContent()).toBe('The job’s: tianjin')
      const rows = dialog.getByLabel('rows')
      await rows.fill('[{')
      await run.click()
      await dialog.getByText('JSON', { exact: true }).click()
      expect(await rows.inputValue()).toBe('[{')
      expect(await rows.evaluate((input) => input === document.activeElement)).toBe(true)
      await rows.fill('[]')
      await run.click()
      await page.waitForURL('**/runs/*')
      const made = page.url().split('/').at(-1)
      const { params } = await server.call<{ params: object }>('GET', `${NS}/runs/${made}`)
      expect(params).toEqual({ ...GIVEN, rate: -0.05, rows: [] })
    })

    test('values that the form has no input for stand in it as JSON', async () => {
      const odd = { tags: 'daily', times: '2', mail: 5, since: null, extra: 1 }
      const target = { kind: 'handler', service: 'billing', handler: 'later' }
      await server.call('PUT', `${NS}/jobs/odd`, { target, params: odd })
      const handlers = ['report', 'later'].map((name) => ({ name, params: PARAMS }))
      await server.call('PUT', `${NS}/services/billing/manifest`, { handlers })
      const complaints = watch(page, server.url)
      await page.goto(`${server.url}/n/default/jobs/odd/edit`)
      const form = page.getByRole('region', { name: 'Parameters' })
      await form.getByText('Also given, in the JSON: extra.').waitFor()
      for (const name of ['tags', 'times', 'mail', 'since'] as const) {
        expect(await form.getByLabel(name).inputValue()).toBe(JSON.stringify(odd[name]))
      }
      expect(await form.getByLabel('City').getAttribute('aria-required')).toBe('true')
      await form.getByLabel('mail').fill('{')
      await page.getByRole('button', { name: 'Save' }).click()
      expect(await form.getByLabel('mail').evaluate((input) => input === document.activeElement)).toBe(true)
      expect(complaints()).toEqual([])
    })

    test('a job that no longer fits says so, and nothing else is amiss', async () => {
      const params = { ...PARAMS, properties: { ...PARAMS.properties, times: { type: 'integer', minimum: 3 } } }
      await server.call('PUT', `${NS}/services/billing/manifest`, { handlers: [{ name: 'report', params }] })
      const complaints = watch(page, server.url)
      await page.goto(`${server.url}/n/default/jobs/nightly`)
      await page.getByRole('alert').filter({ hasText: '/params/times must be' }).waitFor()
      expect(complaints()).toEqual([])
    })

    /** Looked at by people where a folder is named for them; nothing may be cut off to the right in any of them. */
    async function screenshots(name: string): Promise<void> {
      const to = process.env['SCREENSHOTS']
      for (const [width, colorScheme] of [
        [400, 'light'],
        [400, 'dark'],
        [1440, 'dark'],
        [1440, 'light'],
      ] as const) {
        await page.setViewportSize({ width, height: 900 })
        await page.emulateMedia({ colorScheme })
        const overflow = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        )
        expect(overflow, `${name} at ${width} px`).toBeLessThanOrEqual(0)
        if (to !== undefined)
          await page.screenshot({ path: join(to, `${name}-${width}-${colorScheme}.png`), fullPage: true })
      }
    }
  },
  120_000,
)

const GIVEN = {
  city: 'tianjin',
  times: 2,
  dry: true,
  since: '2026-11-20',
  at: '2026-11-20T15:00:00.000Z',
  tags: ['daily'],
  mail: { to: 'ada@example.com' },
  rows: [{ a: 1 }],
}
