// What @cronclave/sdk promises: written by `npm run api`.

export declare const BODY_BYTES_MAX: number;

export interface Callable {
    receive(call: RawCall, runtime?: Runtime): Promise<RawReply>;
}

export declare class CancelledError extends CronclaveError {
    name: string;
    constructor(message?: string);
}

export declare class ConfigError extends CronclaveError {
    name: string;
    constructor(message: string, options?: ErrorOptions);
}

export declare class CronclaveError extends Error {
    name: string;
    readonly code: string;
    readonly [BRAND]: ErrorKind;
    constructor(kind: ErrorKind, message: string, options?: ErrorOptions);
}

export interface DescribedHandler {
    name: string;
    description?: string;
    params?: JsonSchema;
    job?: JsonObject;
}

export declare class DrainError extends CronclaveError {
    name: string;
    constructor(message?: string);
}

export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

export type Env = Readonly<Record<string, unknown>>;

export type ErrorKind = 'non-retryable' | 'retry-after' | 'skip' | 'timeout' | 'cancelled' | 'lease-lost' | 'drain' | 'signature' | 'config' | 'kv';

export interface ErrorOptions {
    cause?: unknown;
    code?: string;
}

export interface Executor<Jobs = Record<never, never>> extends Callable {
    job<Name extends string, Result>(name: Unused<Name, Jobs>, handler: Handler<JsonObject, Result>): Executor<Jobs & Record<Name, {
        params: JsonObject;
        result: Awaited<Result>;
    }>>;
    job<Name extends string, Schema extends ParamsSchema, Result>(name: Unused<Name, Jobs>, options: JobOptions<Schema>, handler: Handler<SchemaParams<Schema>, Result>): Executor<Jobs & Record<Name, {
        params: SchemaParams<Schema>;
        result: Awaited<Result>;
    }>>;
    readonly fetch: (request: Request, runtime?: Runtime | object) => Promise<Response>;
    readonly inFlight: number;
    start(options: StartOptions): Promise<Started>;
    listen(options: ListenOptions): Promise<Started>;
    manifest(): Promise<Manifest>;
    drain(options?: {
        timeout?: Duration;
    }): Promise<void>;
}

export interface ExecutorClock {
    now(): number;
    after(delayMs: number, task: () => void, idle?: boolean): () => void;
}

export interface ExecutorOptions {
    service: string;
    namespace?: string | undefined;
    id?: string | undefined;
    secret?: SecretSource | undefined;
    auth?: Auth | undefined;
    concurrency?: number | undefined;
    orphanGrace?: Duration | undefined;
    controlPlane?: string | readonly string[] | undefined;
    respondWithin?: Duration | undefined;
    reportLater?: boolean | undefined;
    kv?: Kv | undefined;
    logger?: Logger | false | undefined;
    fetch?: typeof fetch | undefined;
    revision?: string | undefined;
    revisionOrder?: number | undefined;
    clock?: ExecutorClock | undefined;
}

export type Handler<Params, Result> = (ctx: JobContext<Params>) => Result | Promise<Result>;

export interface Held {
    readonly name: string;
    readonly fencingToken: bigint;
    readonly signal: AbortSignal;
}

export type Hmac = (bytes: Uint8Array<ArrayBuffer>) => HmacKey;

export interface HmacKey {
    sign(message: Uint8Array<ArrayBuffer>): ArrayBuffer | Uint8Array | Promise<ArrayBuffer>;
    verify(mac: Uint8Array<ArrayBuffer>, message: Uint8Array<ArrayBuffer>): boolean | Promise<boolean>;
}

export interface JobContext<Params> {
    readonly params: Params;
    readonly runId: string;
    readonly attemptId: string;
    readonly job: string;
    readonly fireTime: Date;
    readonly lastFireTime?: Date;
    readonly attempt: number;
    readonly maxAttempts: number;
    readonly deadline: Date;
    readonly trigger: string;
    readonly shard: Shard;
    readonly signal: AbortSignal;
    readonly log: RunLogger;
    readonly fencingToken: bigint;
    readonly parent?: {
        readonly runId: string;
        readonly result: Json;
    };
    readonly traceparent?: string;
    readonly kv: Kv;
    lock<Result>(name: string, options: LockOptions, work: (held: Held) => Result | Promise<Result>): Promise<Result>;
    extend(by: Duration): Promise<Date>;
    progress(done: number, total?: number, note?: string): void;
}

export interface JobOptions<Schema extends ParamsSchema> extends KeptJobOptions {
    params?: Schema;
    description?: string;
}

export type JobTypes = Record<string, {
    params: unknown;
    result: unknown;
}>;

export type Json = null | boolean | number | string | Json[] | {
    [key: string]: Json;
};

export type JsonObject = {
    [key: string]: Json;
};

export type JsonSchema = {
    readonly [keyword: string]: unknown;
};

export interface KeptJobOptions {
    jobName?: string | undefined;
    schedule?: string | Schedule | undefined;
    schedules?: readonly (string | Schedule)[] | undefined;
    defaultParams?: JsonObject | undefined;
    shards?: number | readonly string[] | {
        count?: number | undefined;
        items?: readonly string[] | undefined;
        mode?: 'grouped' | 'per-item' | undefined;
    } | undefined;
    retry?: number | {
        max?: number | undefined;
        delay?: Duration | undefined;
        backoff?: 'fixed' | 'exponential' | undefined;
        maxDelay?: Duration | undefined;
        jitter?: number | undefined;
    } | undefined;
    timeout?: Duration | undefined;
    runTimeout?: Duration | undefined;
    overlap?: 'skip' | 'allow' | 'queue' | 'cancel-running' | undefined;
    misfire?: MisfirePolicy | {
        policy?: MisfirePolicy | undefined;
        threshold?: Duration | undefined;
        max?: number | undefined;
    } | undefined;
    maxConcurrentRuns?: number | undefined;
    queueMax?: number | undefined;
    queueTtl?: Duration | undefined;
    whenFull?: 'queue' | 'fail' | undefined;
    routing?: {
        strategy?: RoutingStrategy | undefined;
        labels?: Record<string, string> | undefined;
        key?: string | undefined;
    } | RoutingStrategy | undefined;
    placement?: 'partial' | 'all' | undefined;
    failover?: boolean | undefined;
    onUncertain?: 'redispatch' | 'fail' | undefined;
    children?: readonly (string | {
        job: string;
        on?: 'success' | 'failure' | 'completion' | undefined;
    })[] | undefined;
}

export interface Kv {
    get(key: string, options?: ReadOptions): Promise<KvEntry | undefined>;
    put(key: string, value: KvValue, options?: PutOptions): Promise<number>;
    delete(key: string, options?: {
        ifIndex?: number;
    }): Promise<boolean>;
    range(prefix?: string, options?: {
        from?: string;
        to?: string;
    }): AsyncIterable<KvEntry>;
    compareAndSet(key: string, index: number, value: KvValue): Promise<number | undefined>;
    lock<Result>(name: string, options: LockOptions, work: (held: Held) => Result | Promise<Result>): Promise<Result>;
}

export interface KvEntry {
    readonly key: string;
    readonly value: Uint8Array;
    readonly contentType: string;
    readonly index: number;
    readonly createIndex: number;
    readonly version: number;
    readonly lease?: string;
    text(): string;
    json(): Json;
}

export type KvValue = Uint8Array | Json;

export declare const LOG_BYTES_MAX: number;

export declare const LOG_LINES_MAX = 1000;

export declare class LeaseLostError extends CronclaveError {
    name: string;
    constructor(message?: string);
}

export interface ListenOptions extends Omit<StartOptions, 'url' | 'slots'> {
    slots?: number | undefined;
    pollWait?: Duration | undefined;
    outbox?: Outbox | undefined;
}

export interface LockOptions {
    ttlMs?: number | undefined;
    waitMs?: number | undefined;
    signal?: AbortSignal | undefined;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface Logger {
    debug(fields: object, message: string): void;
    info(fields: object, message: string): void;
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
}

export interface Manifest {
    namespace: string;
    service: string;
    revision?: string;
    revisionOrder?: number;
    handlers: DescribedHandler[];
}

export type MisfirePolicy = 'run-once' | 'skip' | 'run-all';

export declare class NonRetryableError extends CronclaveError {
    name: string;
    constructor(message: string, options?: ErrorOptions);
}

export interface Outbox {
    put(entry: OutboxEntry): Promise<void>;
    delete(attemptId: string): Promise<void>;
    entries(): AsyncIterable<OutboxEntry>;
}

export interface OutboxEntry {
    runId: string;
    attemptId: string;
    callback: {
        url: string;
        token: string;
        expiresAt: string;
    };
    body: Record<string, unknown>;
}

export type ParamsSchema = StandardSchema | SchemaPair | JsonSchema;

export interface PutOptions {
    ifIndex?: number;
    lease?: string;
    contentType?: string;
}

export declare const RESULT_BYTES_MAX: number;

export interface RawCall {
    method: string;
    header(name: string): string | null | undefined;
    body: Uint8Array | 'too-large' | 'unavailable';
    signal?: AbortSignal | undefined;
    hmac?: Hmac | undefined;
    mount?: 'express' | 'fastify' | 'fetch' | 'hono' | 'http';
}

export interface RawReply {
    status: number;
    headers: Record<string, string>;
    body: string;
}

export declare class RetryAfterError extends CronclaveError {
    name: string;
    readonly after: Duration | Date;
    constructor(message: string, after: Duration | Date, options?: ErrorOptions);
}

export type RoutingStrategy = 'round-robin' | 'random' | 'weighted-round-robin' | 'weighted-random' | 'least-loaded' | 'consistent-hash' | 'first' | 'last' | 'least-recently-used' | 'broadcast' | 'sharded';

export interface RunLogger {
    debug(message: string, fields?: object): void;
    info(message: string, fields?: object): void;
    warn(message: string, fields?: object): void;
    error(message: string, fields?: object): void;
}

export interface Runtime {
    env?: Env;
    waitUntil?: (promise: Promise<unknown>) => void;
    longLived?: boolean;
}

export interface Schedule {
    id?: string | undefined;
    cron?: string | undefined;
    quartzWeekdays?: boolean | undefined;
    every?: Duration | undefined;
    after?: Duration | undefined;
    at?: Date | string | undefined;
    zone?: string | undefined;
    gap?: 'next' | 'skip' | undefined;
    fold?: 'first' | 'last' | 'both' | undefined;
    startAt?: Date | string | undefined;
    endAt?: Date | string | undefined;
    jitter?: Duration | undefined;
    maxFires?: number | undefined;
}

export interface SchemaIssue {
    readonly message: string;
    readonly path?: readonly (PropertyKey | {
        readonly key: PropertyKey;
    })[] | undefined;
}

export interface SchemaPair<Output = unknown> {
    readonly validate: StandardSchema<unknown, Output> | ((value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>);
    readonly jsonSchema: JsonSchema;
}

export type SchemaParams<Schema> = ParamsSchema extends Schema ? JsonObject : Schema extends StandardSchema ? SchemaOutput<Schema> : Schema extends SchemaPair<infer Output> ? Output : JsonObject;

export type SchemaResult<Output> = {
    readonly value: Output;
    readonly issues?: undefined;
} | {
    readonly issues: readonly SchemaIssue[];
};

export type SecretSource = Secrets | ((env: Env) => unknown);

export interface Shard {
    readonly index: number;
    readonly total: number;
    readonly items?: readonly string[];
    owns(key: string | number | bigint): boolean;
}

export declare class SignatureError extends CronclaveError {
    name: string;
    constructor(fault: SignatureFault, message: string);
}

export type SignatureFault = 'missing-header' | 'malformed-timestamp' | 'too-old' | 'too-new' | 'no-match' | 'missing-token' | 'malformed-token' | 'unknown-key' | 'wrong-audience' | 'wrong-claims' | 'wrong-body' | 'keys-unavailable';

export declare class SkipError extends CronclaveError {
    name: string;
    constructor(message: string, options?: ErrorOptions);
}

export interface StandardSchema<Input = unknown, Output = Input> {
    readonly '~standard': {
        readonly version: 1;
        readonly vendor: string;
        readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
        readonly types?: {
            readonly input: Input;
            readonly output: Output;
        } | undefined;
    };
}

export interface StartOptions {
    url: string;
    token: string;
    controlPlane?: string | readonly string[] | undefined;
    weight?: number | undefined;
    slots?: number | undefined;
    labels?: Record<string, string> | undefined;
    revision?: string | undefined;
}

export interface Started {
    readonly id: string;
    readonly bootId: string;
    stop(options?: {
        drain?: Duration | undefined;
    }): Promise<void>;
}

export declare class TimeoutError extends CronclaveError {
    name: string;
    constructor(message?: string);
}

export declare function createExecutor(options: ExecutorOptions): Executor;

export declare function isCronclaveError(error: unknown, kind?: ErrorKind): error is CronclaveError;

// not exported
export interface Auth {
    bind(whom: Bound): CheckCall;
}

// not exported
declare const BRAND: unique symbol;

// not exported
export interface Bound {
    service: string;
    clock: ExecutorClock;
    fetch?: typeof fetch | undefined;
    secret?: unknown;
    anyBody?: boolean | undefined;
}

// not exported
export type CheckCall = (call: Unchecked, body: Uint8Array, env: Env) => Promise<Verdict>;

// not exported
export interface ReadOptions {
    minIndex?: number;
    linearizable?: boolean;
}

// not exported
export type SchemaOutput<Schema> = Schema extends {
    readonly '~standard': {
        readonly types?: {
            readonly output: infer Output;
        } | undefined;
    };
} ? Output : never;

// not exported
type Secrets = string | undefined | readonly (string | undefined)[];

// not exported
export interface Unchecked {
    method?: string | undefined;
    header(name: string): string | null | undefined;
    hmac?: Hmac | undefined;
}

// not exported
type Unused<Name extends string, Jobs> = Name extends keyof Jobs ? never : Name;

// not exported
export type Verdict = {
    ok: true;
    id: string;
    timestampS: number;
    key: HmacKey;
    job?: string;
} | {
    ok: false;
    fault: SignatureFault;
    skewS?: number;
};
