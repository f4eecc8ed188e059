import type { AlertRuleDefinition, ChannelDefinition, SilenceDefinition } from '@cronclave/openapi'
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { client, sender } from '../api/client.ts'

/** Whose alerts: those of a namespace, or those of the cluster as a whole. */
export type Of = { readonly namespace: string } | 'cluster'

type What = 'alerts' | 'alert-rules' | 'channels' | 'silences'

const REFRESH_MS = 5_000
const ALL = 500

/** Keys begin as those of other reads do, so that events of the namespace make them read again. */
function keyOf(of: Of, what: What, ...more: unknown[]): unknown[] {
  if (of === 'cluster') return ['get', `/v1/${what}`, {}, ...more]
  return ['get', `/v1/namespaces/{namespace}/${what}`, { params: { path: of } }, ...more]
}

function read<T>({ data, error }: { data?: T; error?: unknown }): T {
  if (data === undefined) throw error
  return data
}

function done({ error }: { error?: unknown }): void {
  if (error !== undefined) throw error
}

export interface AlertFilter {
  state?: 'firing' | 'resolved'
  rule?: string
  job?: string
}

/** Alerts, the newest first, page after page. */
export function useAlertPages(of: Of, filter: AlertFilter, limit: number) {
  return useInfiniteQuery({
    queryKey: keyOf(of, 'alerts', filter, 'pages'),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page: { nextCursor?: string }) => page.nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: REFRESH_MS,
    queryFn: async ({ pageParam, signal }) => {
      const query = { ...filter, limit, ...(pageParam === undefined ? {} : { cursor: pageParam }) }
      return read(
        of === 'cluster'
          ? await client.GET('/v1/alerts', { params: { query }, signal })
          : await client.GET('/v1/namespaces/{namespace}/alerts', { params: { path: of, query }, signal }),
      )
    },
  })
}

/** One alert, with what channels were told. */
export function useAlert(of: Of, alert: string) {
  return useQuery({
    queryKey: keyOf(of, 'alerts', alert),
    refetchInterval: REFRESH_MS,
    queryFn: async ({ signal }) =>
      read(
        of === 'cluster'
          ? await client.GET('/v1/alerts/{alert}', { params: { path: { alert } }, signal })
          : await client.GET('/v1/namespaces/{namespace}/alerts/{alert}', {
              params: { path: { ...of, alert } },
              signal,
            }),
      ),
  })
}

/** Rules of a namespace, or of the cluster; `enabled`: whether they may be read. */
export function useRules(of: Of, enabled = true) {
  const query = { limit: ALL }
  return useQuery({
    queryKey: keyOf(of, 'alert-rules'),
    enabled,
    refetchInterval: REFRESH_MS,
    queryFn: async ({ signal }) =>
      read(
        of === 'cluster'
          ? await client.GET('/v1/alert-rules', { params: { query }, signal })
          : await client.GET('/v1/namespaces/{namespace}/alert-rules', { params: { path: of, query }, signal }),
      ),
  })
}

/** Channels of a namespace, or of the cluster; `enabled`: whether they may be read. */
export function useChannels(of: Of, enabled = true) {
  const query = { limit: ALL }
  return useQuery({
    queryKey: keyOf(of, 'channels'),
    enabled,
    refetchInterval: REFRESH_MS,
    queryFn: async ({ signal }) =>
      read(
        of === 'cluster'
          ? await client.GET('/v1/channels', { params: { query }, signal })
          : await client.GET('/v1/namespaces/{namespace}/channels', { params: { path: of, query }, signal }),
      ),
  })
}

/** Mail addresses that channels know already. */
export function useRecipients(of: Of) {
  return useQuery({
    queryKey: keyOf(of, 'channels', 'recipients'),
    queryFn: async ({ signal }) =>
      read(
        of === 'cluster'
          ? await client.GET('/v1/channels/recipients', { signal })
          : await client.GET('/v1/namespaces/{namespace}/channels/recipients', { params: { path: of }, signal }),
      ),
  })
}

/** What a channel was told, the newest first. */
export function useMessages(of: Of, channel: string, limit: number) {
  const query = { limit }
  return useQuery({
    queryKey: keyOf(of, 'channels', channel, 'messages'),
    refetchInterval: REFRESH_MS,
    queryFn: async ({ signal }) =>
      read(
        of === 'cluster'
          ? await client.GET('/v1/channels/{channel}/messages', { params: { path: { channel }, query }, signal })
          : await client.GET('/v1/namespaces/{namespace}/channels/{channel}/messages', {
              params: { path: { ...of, channel }, query },
              signal,
            }),
      ),
  })
}

export function useSilences(of: Of) {
  const query = { limit: ALL }
  return useQuery({
    queryKey: keyOf(of, 'silences'),
    refetchInterval: REFRESH_MS,
    queryFn: async ({ signal }) =>
      read(
        of === 'cluster'
          ? await client.GET('/v1/silences', { params: { query }, signal })
          : await client.GET('/v1/namespaces/{namespace}/silences', { params: { path: of, query }, signal }),
      ),
  })
}

/** A change of what is listed under `what`, which is read again afterwards. */
function useChange<Input, Made>(of: Of, what: What, change: (input: Input) => Promise<Made>) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: change,
    onSettled: () => queries.invalidateQueries({ queryKey: keyOf(of, what) }),
  })
}

interface Put<Body> {
  name: string
  /** Of what was read; absent for a new one. */
  version?: number | undefined
  body: Body
}

/** A new one must not take the place of one that somebody else made meanwhile. */
function matching(version: number | undefined): { header: { 'If-Match': string } | { 'If-None-Match': '*' } } {
  return { header: version === undefined ? { 'If-None-Match': '*' } : { 'If-Match': `"${version}"` } }
}

export function usePutRule(of: Of) {
  return useChange(of, 'alert-rules', async ({ name, version, body }: Put<AlertRuleDefinition>) =>
    read(
      of === 'cluster'
        ? await sender.PUT('/v1/alert-rules/{rule}', { params: { path: { rule: name }, ...matching(version) }, body })
        : await sender.PUT('/v1/namespaces/{namespace}/alert-rules/{rule}', {
            params: { path: { ...of, rule: name }, ...matching(version) },
            body,
          }),
    ),
  )
}

/** Makes rules of the cluster, one after the other. */
export function useAdvisedRules() {
  return useChange('cluster', 'alert-rules', async (rules: readonly (AlertRuleDefinition & { name: string })[]) => {
    for (const body of rules) {
      const params = { path: { rule: body.name }, ...matching(undefined) }
      read(await sender.PUT('/v1/alert-rules/{rule}', { params, body }))
    }
  })
}

export function useDeleteRule(of: Of) {
  return useChange(of, 'alert-rules', async (rule: string) =>
    done(
      of === 'cluster'
        ? await sender.DELETE('/v1/alert-rules/{rule}', { params: { path: { rule } } })
        : await sender.DELETE('/v1/namespaces/{namespace}/alert-rules/{rule}', { params: { path: { ...of, rule } } }),
    ),
  )
}

export function usePutChannel(of: Of) {
  return useChange(of, 'channels', async ({ name: channel, version, body }: Put<ChannelDefinition>) =>
    read(
      of === 'cluster'
        ? await sender.PUT('/v1/channels/{channel}', { params: { path: { channel }, ...matching(version) }, body })
        : await sender.PUT('/v1/namespaces/{namespace}/channels/{channel}', {
            params: { path: { ...of, channel }, ...matching(version) },
            body,
          }),
    ),
  )
}

export function useDeleteChannel(of: Of) {
  return useChange(of, 'channels', async (channel: string) =>
    done(
      of === 'cluster'
        ? await sender.DELETE('/v1/channels/{channel}', { params: { path: { channel } } })
        : await sender.DELETE('/v1/namespaces/{namespace}/channels/{channel}', {
            params: { path: { ...of, channel } },
          }),
    ),
  )
}

export function useTestChannel(of: Of) {
  return useChange(of, 'channels', async (channel: string) =>
    read(
      of === 'cluster'
        ? await sender.POST('/v1/channels/{channel}/test', { params: { path: { channel } } })
        : await sender.POST('/v1/namespaces/{namespace}/channels/{channel}/test', {
            params: { path: { ...of, channel } },
          }),
    ),
  )
}

export function useCreateSilence(of: Of) {
  return useChange(of, 'silences', async (body: SilenceDefinition) =>
    read(
      of === 'cluster'
        ? await sender.POST('/v1/silences', { body })
        : await sender.POST('/v1/namespaces/{namespace}/silences', { params: { path: of }, body }),
    ),
  )
}

export function useEndSilence(of: Of) {
  return useChange(of, 'silences', async (silence: string) =>
    done(
      of === 'cluster'
        ? await sender.DELETE('/v1/silences/{silence}', { params: { path: { silence } } })
        : await sender.DELETE('/v1/namespaces/{namespace}/silences/{silence}', {
            params: { path: { ...of, silence } },
          }),
    ),
  )
}
