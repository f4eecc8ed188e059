import type { paths } from '@cronclave/openapi'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { client } from './client.ts'

type Query<Path extends keyof paths> = paths[Path] extends { get: { parameters: { query?: infer Q } } }
  ? Omit<NonNullable<Q>, 'cursor'>
  : never

const JOBS = '/v1/namespaces/{namespace}/jobs'
const RUNS = '/v1/namespaces/{namespace}/runs'

/** The jobs of a namespace, page after page. */
export function useJobPages(namespace: string, query: Query<typeof JOBS>) {
  return useInfiniteQuery({
    ...options(JOBS, namespace, query),
    queryFn: async ({ pageParam, signal }) => {
      const params = { path: { namespace }, query: { ...query, ...from(pageParam) } }
      return read(await client.GET(JOBS, { params, signal }))
    },
  })
}

/** The runs of a namespace, page after page. */
export function useRunPages(namespace: string, query: Query<typeof RUNS>) {
  return useInfiniteQuery({
    ...options(RUNS, namespace, query),
    queryFn: async ({ pageParam, signal }) => {
      const params = { path: { namespace }, query: { ...query, ...from(pageParam) } }
      return read(await client.GET(RUNS, { params, signal }))
    },
  })
}

/** Keys begin as those of single reads do, so that one event makes both read again. */
function options(path: string, namespace: string, query: object) {
  return {
    queryKey: ['get', path, { params: { path: { namespace }, query } }, 'pages'],
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
