import { describe, expect, test } from 'vitest'
import { naiveOffset } from './naive.test-helper.ts'
import { findZone, offsetByIntl, segmentAt, zoneTable, type ZoneTable } from './zone.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

describe('a zone', () => {
  test('is known by its IANA name, in its own spelling', () => {
    expect(findZone('europe/berlin')).toBe('Europe/Berlin')
    expect(findZone('UTC')).toBe('UTC')
    expect(findZone('Etc/GMT-8')).toBe('Etc/GMT-8')
    expect(findZone('US/Eastern')).toBe('US/Eastern')
    for (const name of [
      '',
      'Local',
      'Europe/Atlantis',
      '+08:00',
      '-03',
      ' UTC',
      'UTC ',
      '../etc/passwd',
      'a'.repeat(999),
    ]) {
      expect(findZone(name)).toBeUndefined()
    }
  })

  test.each([
    'America/New_York',
    'Australia/Lord_Howe',
    'Africa/Casablanca',
    'Antarctica/Troll',
    'Pacific/Apia',
  ])('says of every hour of twenty years what Intl says: %s', (name) => {
    const table = zoneTable(name)
    for (let at = Date.UTC(2008, 0, 1); at < Date.UTC(2028, 0, 1); at += 6 * HOUR) {
      if (offsetAt(table, at) !== naiveOffset(name, at))
        expect([at, offsetAt(table, at)]).toEqual([at, naiveOffset(name, at)])
    }
  })

  test('answers the same however it was asked before', () => {
    const instants = [
      Date.UTC(2026, 5, 1),
      Date.UTC(1971, 5, 1),
      Date.UTC(2099, 0, 1),
      Date.UTC(1999, 11, 31),
      Date.UTC(2040, 6, 1),
    ]
    const once = { ...zoneTable('Europe/London'), starts: [], offsets: [], from: 0, to: 0, hint: 0 }
    const back = { ...once, starts: [], offsets: [] }
    for (const at of instants) segmentAt(once, at)
    for (const at of instants.toReversed()) segmentAt(back, at)
    const common = (table: ZoneTable) =>
      table.starts.filter((start) => start > Date.UTC(1972, 0, 1) && start < Date.UTC(2090, 0, 1))
    expect(common(once)).toEqual(common(back))
    expect(common(once)).toHaveLength(236)
    for (let at = Date.UTC(1971, 0, 1); at < Date.UTC(2099, 0, 1); at += 11 * DAY) {
      expect(offsetAt(once, at)).toBe(offsetAt(back, at))
    }
  })

  test('has offsets to the second where history has them', () => {
    expect(offsetByIntl('Africa/Monrovia', Date.UTC(1971, 0, 1))).toBe(-(44 * 60 + 30) * 1000)
    const table = zoneTable('Africa/Monrovia')
    const change = Date.UTC(1972, 0, 7, 0, 44, 30)
    expect(offsetAt(table, change - 1)).toBe(-2_670_000)
    expect(offsetAt(table, change)).toBe(0)
  })

  test('skips a whole day on the date line', () => {
    const table = zoneTable('Pacific/Apia')
    const change = Date.UTC(2011, 11, 30, 10)
    expect([offsetAt(table, change - 1), offsetAt(table, change)]).toEqual([-10 * HOUR, 14 * HOUR])
  })
})

function offsetAt(table: ZoneTable, at: number): number {
  return table.offsets[segmentAt(table, at)] as number
}
