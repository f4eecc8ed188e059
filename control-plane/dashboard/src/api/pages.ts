import type { paths } from '@cronclave/openapi'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { client } from './client.ts'

type Query<Path extends keyof paths> = paths[Path] extends { get: { parameters: { query?: infer Q } } }
  ? Omit<NonNullable<Q>, 'cursor'>
  : never

const JOBS = '/v1/namespaces/{namespace}/jobs'
const RUNS = '/v1/namespaces/{namespace}/runs'
const SHARDS = '/v1/namespaces/{namespace}/runs/{run}/shards'
const VERSIONS = '/v1/namespaces/{namespace}/jobs/{job}/versions'

/** The jobs of a namespace, page after page. */
export function useJobPages(namespace: string, query: Query<typeof JOBS>) {
  return useInfiniteQuery({
    ...options(JOBS, { namespace }, query),
    queryFn: async ({ pageParam, signal }) => {
      const params = { path: { namespace }, query: { ...query, ...from(pageParam) } }
      return read(await client.GET(JOBS, { params, signal }))
    },
  })
}

/** The runs of a namespace, page after page. */
export function useRunPages(namespace: string, query: Query<typeof RUNS>) {
  return useInfiniteQuery({
    ...options(RUNS, { namespace }, query),
    queryFn: async ({ pageParam, signal }) => {
      const params = { path: { namespace }, query: { ...query, ...from(pageParam) } }
      return read(await client.GET(RUNS, { params, signal }))
    },
  })
}

/** The parts of a run, page after page. */
export function useShardPages(namespace: string, run: string, query: Query<typeof SHARDS>) {
  return useInfiniteQuery({
    ...options(SHARDS, { namespace, run }, query),
    queryFn: async ({ pageParam, signal }) => {
      const params = { path: { namespace, run }, query: { ...query, ...from(pageParam) } }
      return read(await client.GET(SHARDS, { params, signal }))
    },
  })
}

/** The definitions that a job has had, page after page. */
export function useVersionPages(namespace: string, job: string, query: Query<typeof VERSIONS>) {
  return useInfiniteQuery({
    ...options(VERSIONS, { namespace, job }, query),
    queryFn: async ({ pageParam, signal }) => {
      const params = { path: { namespace, job }, query: { ...query, ...from(pageParam) } }
      return read(await client.GET(VERSIONS, { params, signal }))
    },
  })
}

/** Keys begin as those of single reads do, so that one event makes both read again. */
function options(path: string, parts: Record<string, string>, query: object) {
  return {
    queryKey: ['get', path, { params: { path: parts, query } }, 'pages'],
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: { nextCursor?: string }) => page.nextCursor,
    placeholderData: keepPreviousData,
  }
}

function from(cursor: string | undefined): { cursor?: string } {
  return cursor === undefined ? {} : { cursor }
}

function read<T>({ data, error }: { data?: T; error?: unknown }): T {
  if (data === undefined) throw error
  return data
}
