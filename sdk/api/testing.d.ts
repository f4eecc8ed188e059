// What @cronclave/sdk promises: written by `npm run api`.

export interface AttemptResult {
    status: OutcomeName | 'refused';
    result: Json | undefined;
    error: Partial<OutcomeError> | undefined;
    logs: LogLine[];
    progress: Progress | undefined;
    attemptId: string;
    httpStatus: number;
    reports: readonly Report[];
}

export interface CallOptions {
    params?: JsonObject;
    shard?: {
        index: number;
        total: number;
        items?: readonly string[];
    };
    fireTime?: Date | string;
    lastFireTime?: Date | string;
    attempt?: number;
    timeout?: Duration;
    trigger?: string;
    job?: string;
    parent?: {
        runId: string;
        result: Json;
    };
    runId?: string;
    attemptId?: string;
    supersedes?: readonly string[];
    fencingToken?: bigint;
}

export interface Harness {
    run(handler: string, options?: CallOptions & RetryOptions): Promise<RunResult>;
    start(handler: string, options?: CallOptions): Running;
    runShards(handler: string, options: ShardOptions): Promise<RunResult[]>;
    signedRequest(handler: string, options?: CallOptions): Promise<SignedCall>;
    handlers(): Promise<{
        name: string;
        [field: string]: unknown;
    }[]>;
}

export interface HarnessOptions {
    service: string;
    secret?: string;
    tokens?: TestTokens;
    namespace?: string;
    executor?: string;
    clock?: ExecutorClock;
    url?: string;
    controlPlane?: TestControlPlane;
    listening?: boolean;
    waitMs?: number;
}

export interface LogLine {
    at: string;
    level: LogLevel;
    message: string;
}

export interface OutcomeError {
    name: string;
    message: string;
    code: string;
    retryable: boolean;
    retryAfterMs?: number;
}

export type OutcomeName = 'succeeded' | 'failed' | 'skipped' | 'cancelled' | 'timed-out';

export interface PlayOptions {
    from: Date | string;
    to: Date | string;
    outages?: readonly {
        from: Date | string;
        to: Date | string;
    }[];
    runsTake?: Duration;
    seed?: number;
}

export interface Played {
    fires: readonly PlayedFire[];
    skipped: readonly PlayedSkip[];
    next?: Date;
    ended: boolean;
}

export interface PlayedFire {
    fireTime: Date;
    dueTime: Date;
    at: Date;
    cause: 'schedule' | 'misfire';
    schedules: readonly string[];
    moved?: 'gap-next' | 'fold-first' | 'fold-last' | 'fold-both';
}

export interface PlayedSkip {
    reason: 'dst-gap' | 'misfire-threshold' | 'coalesced';
    from: Date;
    to: Date;
    count: number;
}

export interface Progress {
    done: number;
    total?: number;
    note?: string;
}

export interface Report {
    verb: 'heartbeat' | 'logs' | 'result';
    body: Record<string, unknown>;
}

export interface RetryOptions {
    retries?: number;
}

export interface RunResult extends AttemptResult {
    attempts: readonly AttemptResult[];
}

export interface Running {
    readonly runId: string;
    readonly attemptId: string;
    readonly result: Promise<AttemptResult>;
    cancel(reason?: 'cancelled' | 'timed-out'): Promise<boolean>;
    loseLease(): void;
    replay(): Promise<AttemptResult>;
}

export interface ScheduledDefinition {
    schedules: readonly {
        cron?: string;
        every?: string | number;
        after?: string | number;
        at?: string;
        zone?: string;
        gap?: 'next' | 'skip';
        fold?: 'first' | 'last' | 'both';
        [field: string]: unknown;
    }[];
    misfire?: {
        policy?: 'run-once' | 'skip' | 'run-all';
        threshold?: string | number;
        max?: number;
    };
    [field: string]: unknown;
}

export type ShardOptions = Omit<CallOptions, 'shard'> & RetryOptions & {
    total?: number;
    items?: readonly string[];
    executors?: number;
};

export interface SignedCall {
    method: 'POST';
    headers: Record<string, string>;
    body: string;
}

export type Target = {
    fetch(request: Request, runtime?: Runtime): Response | Promise<Response>;
} | ((request: Request) => Response | Promise<Response>);

export interface TestClock extends ExecutorClock {
    advance(by: Duration): void;
}

export interface TestControlPlane {
    readonly url: string;
    readonly fetch: typeof fetch;
    watch(attemptId: string, deadlineMs: number, clock: ExecutorClock): Watched;
    hand(call: SignedCall): void;
    handlers(): {
        name: string;
    }[];
}

export interface TestSchedule {
    play(options: PlayOptions): Promise<Played>;
}

export interface TestTokens {
    readonly auth: Auth;
    sign(call: TokenCall): Promise<string>;
}

export interface TokenCall {
    id: string;
    service: string;
    body: string;
    url: string;
    nowMs: number;
}

export declare function harness(target: Target, options: HarnessOptions): Harness;

export declare function randomSecret(): string;

export declare function schedule(definition: ScheduledDefinition): TestSchedule;

export declare function testClock(now?: Date | string | number): TestClock;

export declare function testControlPlane(): TestControlPlane;

export declare function testTokens({ alg }?: {
    alg?: TokenAlgorithm;
}): Promise<TestTokens>;

// not exported
export interface Auth {
    bind(whom: Bound): CheckCall;
}

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
export type TokenAlgorithm = 'EdDSA' | 'ES256';

// not exported
export interface Unchecked {
    method?: string | undefined;
    header(name: string): string | null | undefined;
    hmac?: Hmac | undefined;
}

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

// not exported
export interface Watched {
    callback: {
        url: string;
        token: string;
        expiresAt: string;
    };
    reports: Report[];
    result: Promise<Record<string, unknown>>;
    say(answer: 'cancel' | 'lease-lost'): void;
}
