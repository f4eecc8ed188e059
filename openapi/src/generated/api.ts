// Generated from openapi.yaml by `npm run contract`. Do not edit.

export interface paths {
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process is alive */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the node takes requests and writes */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/version": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The version of the node */
        get: operations["getVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Figures of this node, as Prometheus reads them
         * @description The text format of Prometheus, version 0.0.4. Each node has its own figures; the documentation of metrics says how
         *     those of several go together. May be asked under any host name, as probes may.
         */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/docs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** This document as a page, without any request to another host */
        get: operations["getDocs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who the caller is */
        get: operations["getSession"];
        put?: never;
        /**
         * Exchange a token or a login code for a session cookie
         * @description A session ends after 12 h, or with the token behind it, whichever comes first. A login code works once, within
         *     60 s of its making. The cookie is HttpOnly and SameSite=Strict; away from loopback also Secure, with the prefix
         *     `__Host-`. Needs a same-origin `Origin` where the browser sends one.
         */
        post: operations["createSession"];
        /** Forget the session cookie */
        delete: operations["deleteSession"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/session/codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a single-use code that logs a browser in as the caller
         * @description The code lasts 60 s and works once. Put it in the fragment of a link, `/login#code=…`; the page exchanges it.
         */
        post: operations["createLoginCode"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List tokens, the newest first */
        get: operations["listTokens"];
        put?: never;
        /** Create a token; the secret is shown in this reply only */
        post: operations["createToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/tokens/{token}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the token; not the token itself. */
                token: components["parameters"]["TokenId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Revoke a token at once; its sessions and event streams end */
        delete: operations["revokeToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/.well-known/jwks.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The public keys under which calls of services with tokens are signed
         * @description RFC 7517. A key is here before it signs and after it signed, so that a list may be kept for 5 minutes.
         */
        get: operations["getJwks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/signing-keys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the keys that sign tokens, the newest first */
        get: operations["listSigningKeys"];
        put?: never;
        /**
         * Make a key, which is published at once and signs when it is activated
         * @description The first key of an algorithm signs at once. 409 `in-use` while another one of the algorithm waits.
         */
        post: operations["createSigningKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/signing-keys/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The `kid` of the key. */
                key: components["parameters"]["SigningKeyId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Publish a key no more
         * @description 409 `in-use` for one that signs, and for an hour after its last signature, unless `force` is given.
         */
        delete: operations["deleteSigningKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/signing-keys/{key}/activate": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description The `kid` of the key. */
                key: components["parameters"]["SigningKeyId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Sign with a key from now on; the one before stays published
         * @description 409 `in-use` until it was published for an hour, unless `force` is given.
         */
        post: operations["activateSigningKey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the namespaces that the credential may see, by name */
        get: operations["listNamespaces"];
        put?: never;
        /** Create a namespace */
        post: operations["createNamespace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        /** Read a namespace */
        get: operations["getNamespace"];
        /** Create or replace a namespace */
        put: operations["putNamespace"];
        post?: never;
        /**
         * Delete an empty namespace
         * @description 409 `in-use`, with what is in it, while it has jobs, services, keys or leases. Its tokens are revoked.
         */
        delete: operations["deleteNamespace"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/rename": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give a namespace another name
         * @description Everything in it stays, runs under way included. Its tokens go with it and keep their rights; the old name gives none. 409 `already-exists` when the name is taken, `in-use` when tokens were made out for it beforehand.
         */
        post: operations["renameNamespace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop all schedules of the namespace; their fires are recorded as `paused`
         * @description Queued and running runs are left alone, and whoever asks for a run gets one. Pausing twice changes nothing.
         */
        post: operations["pauseNamespace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let the schedules of the namespace go on, from now on
         * @description Fires of the time in between are never caught up. Jobs that are paused themselves stay so.
         */
        post: operations["resumeNamespace"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/stats": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        /** Outcomes, lateness and durations of all jobs of a namespace */
        get: operations["getNamespaceStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/services": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        /** List services by name */
        get: operations["listServices"];
        put?: never;
        /**
         * Create a service
         * @description Without `secret` one is generated and returned as `secret` in this reply only.
         */
        post: operations["createService"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/services/{service}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
            };
            cookie?: never;
        };
        /** Read a service; its secrets are never returned */
        get: operations["getService"];
        /**
         * Create or replace a service
         * @description Replacing keeps the secrets, unless `secret` is given, which then is the only one. Creating without `secret`
         *     generates one and returns it in this reply only.
         */
        put: operations["putService"];
        post?: never;
        /**
         * Delete a service and its executors
         * @description 409 `in-use` while a job names it.
         */
        delete: operations["deleteService"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/services/{service}/rotate-secret": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Add a secret; calls carry a signature of each until the older one is dropped
         * @description 409 `in-use` while two secrets are in force already. Without `secret` one is generated and returned in this reply only.
         */
        post: operations["rotateServiceSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/services/{service}/drop-secret": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Drop the older of two secrets
         * @description 409 `in-use` when there is only one.
         */
        post: operations["dropServiceSecret"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/services/{service}/manifest": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
            };
            cookie?: never;
        };
        /** Read what the program of a service says of itself, and which jobs it keeps */
        get: operations["getServiceManifest"];
        /**
         * Bring the jobs of a service to what its code says
         * @description Taken whole or not at all. 409 `manifest-older` when a newer revision is known already, unless `rollback=true`. Jobs
         *     that it does not name stay, unless `prune=true`. `dryRun=true` only says what would be done.
         */
        put: operations["putServiceManifest"];
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/services/{service}/sync": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask an executor for its manifest and bring the jobs to what it says
         * @description Sends a signed `manifest.get` to `url`, or to an executor of the service that is online: for services without
         *     heartbeats, after a deployment. 409 `manifest-unavailable` when none answers.
         */
        post: operations["syncService"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/services/{service}/executors": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
            };
            cookie?: never;
        };
        /** List the executors of a service by id */
        get: operations["listExecutors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/services/{service}/executors/{executor}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
                /**
                 * @description Id of the executor.
                 * @example billing-1
                 */
                executor: components["parameters"]["Executor"];
            };
            cookie?: never;
        };
        /** Read an executor */
        get: operations["getExecutor"];
        /**
         * Create, replace or register an executor
         * @description The URL must pass the egress policy and the service's `allowedHosts`. Without `bootId` a person lists it, and it is
         *     online at once. With `bootId` it registers itself: it is `joining` until it answered a signed `ping`, and has to send
         *     heartbeats from then on. Another `bootId` takes over the id only when the process that had it is draining, offline,
         *     joining or suspect, else 409 `executor-live`.
         *
         *     With the URL `pull` nothing ever calls it: it gets its calls from polls, and is `joining` until the first one.
         */
        put: operations["putExecutor"];
        post?: never;
        /**
         * Remove an executor
         * @description What runs there goes on; retries go elsewhere. Drain it first to let it finish.
         */
        delete: operations["deleteExecutor"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/services/{service}/executors/{executor}/heartbeat": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
                /**
                 * @description Id of the executor.
                 * @example billing-1
                 */
                executor: components["parameters"]["Executor"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Say that a registered executor is alive
         * @description Kept in the leader's memory. 30 s without one, by default, and it is offline.
         */
        post: operations["heartbeatExecutor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/services/{service}/executors/{executor}/poll": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
                /**
                 * @description Id of the executor.
                 * @example billing-1
                 */
                executor: components["parameters"]["Executor"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Wait for calls, as an executor that nothing can call
         * @description Of an executor that registered with `url: pull`. It hangs until there is a call, or `waitMs` are over; a newer poll of
         *     the same executor ends the older one with no calls. Each call is the signed request that another executor would be
         *     sent; its outcome always goes to its `callback`. What is handed out counts as accepted: a lease of 30 s begins, which
         *     heartbeats of the attempt keep. A poll is a heartbeat of the executor, and its first one makes it online.
         */
        post: operations["pollExecutor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/services/{service}/executors/{executor}/drain": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
                /**
                 * @description Id of the executor.
                 * @example billing-1
                 */
                executor: components["parameters"]["Executor"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Send it nothing new; what runs there goes on */
        post: operations["drainExecutor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/services/{service}/executors/{executor}/offline": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
                /**
                 * @description Id of the executor.
                 * @example billing-1
                 */
                executor: components["parameters"]["Executor"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Take it out of service; what runs there may end, and moves to others otherwise */
        post: operations["offlineExecutor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/services/{service}/executors/{executor}/online": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
                /**
                 * @description Id of the executor.
                 * @example billing-1
                 */
                executor: components["parameters"]["Executor"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let it take work again */
        post: operations["onlineExecutor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        /** List jobs, filtered and sorted */
        get: operations["listJobs"];
        put?: never;
        /** Create a job */
        post: operations["createJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/jobs/{job}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        /** Read a job */
        get: operations["getJob"];
        /**
         * Create or replace a job
         * @description The definition is replaced whole: what is left out has its default. `paused` left out keeps the state.
         *     `If-Match: "<version>"` refuses a lost update, `If-None-Match: *` refuses to replace. Of a job that a service keeps
         *     in its code only what people decide may change, else 409 `managed-by-code`, unless `detach=true`.
         */
        put: operations["putJob"];
        post?: never;
        /**
         * Delete a job
         * @description 409 `job-not-paused` while it is active or has open runs, unless `force=true`, which cancels them first. Its runs stay in the ledger.
         */
        delete: operations["deleteJob"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/jobs/{job}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop it from firing; its fires are recorded as `paused`
         * @description Queued and running runs are left alone. Pausing a paused job changes nothing.
         */
        post: operations["pauseJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/jobs/{job}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let it fire again, from now on
         * @description Fires of the time in between are never caught up. Resuming a quarantined job evaluates it again.
         */
        post: operations["resumeJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/jobs/{job}/trigger": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run it now
         * @description With `Idempotency-Key` a repeat within 24 h answers the run that the first call made (200), and another body with
         *     the same key is refused (422 `idempotency-mismatch`). The run may be `skipped` at once, by `overlap` for example.
         */
        post: operations["triggerJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/jobs/{job}/backfills": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        /**
         * List the backfills of a job, the newest first
         * @description Those that ended are remembered until 100 younger ones of the namespace need their place.
         */
        get: operations["listBackfills"];
        put?: never;
        /**
         * Run a past range of its schedules again
         * @description One run for each time at which its schedules were due in the range, oldest first, with that time as its fire time. The
         *     runs are queued as those before them end, `parallel` of them at once. Every one of them waits its turn: `overlap` skips
         *     none of them, and unless it is `allow`, for the job or for the backfill, they run one after the other. A range with more than `max` fires is refused.
         */
        post: operations["createBackfill"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/jobs/{job}/backfills/preview": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** The fires that a backfill would run; nothing is made */
        post: operations["previewBackfill"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/jobs/{job}/backfills/{backfill}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
                /** @description Id of the backfill. */
                backfill: components["parameters"]["Backfill"];
            };
            cookie?: never;
        };
        /**
         * Read a backfill
         * @description Its runs: `GET …/runs?backfill=<id>`.
         */
        get: operations["getBackfill"];
        put?: never;
        post?: never;
        /**
         * Cancel what waits of it
         * @description Fires without a run get none, queued runs end `cancelled`, and running ones go on. It can still be read.
         */
        delete: operations["cancelBackfill"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/jobs/{job}/next": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        /** Its next fires, each labelled where daylight saving moved it */
        get: operations["getNextFires"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/jobs/{job}/explain": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        /** Why it did, or did not, run at a time */
        get: operations["explainJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/jobs/{job}/versions": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        /**
         * The definitions that it has had, the newest first
         * @description The newest 100 are kept, until the job is deleted. A version that only paused or resumed the job has no definition of
         *     its own. `changes` compares with the definition before.
         */
        get: operations["listJobVersions"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/jobs/{job}/versions/{version}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
                /** @description A version of the job. */
                version: number;
            };
            cookie?: never;
        };
        /**
         * The definition that was in force in a version
         * @description Sending `definition` back with PUT restores it. 404 `definition-not-found` when it is not kept any more.
         */
        get: operations["getJobVersion"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stats": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Outcomes, lateness and durations of all jobs of the cluster */
        get: operations["getStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/stats/top": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The jobs of the cluster that fail most, are latest, or have become slower
         * @description Compares jobs by what their runs counted in the window: by the share of failures, by the 95th percentile of
         *     lateness, or by how much longer runs take on average than in the window before it.
         */
        get: operations["getTopJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/stats/top": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        /**
         * The jobs of a namespace that fail most, are latest, or have become slower
         * @description Compares jobs by what their runs counted in the window: by the share of failures, by the 95th percentile of
         *     lateness, or by how much longer runs take on average than in the window before it.
         */
        get: operations["getNamespaceTopJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/jobs/{job}/stats": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        /** Outcomes, lateness and durations of a job */
        get: operations["getJobStats"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/jobs/{job}/stretches": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        /**
         * Consecutive fires that were skipped for one reason, the newest first
         * @description The stretch that is still open comes first and has no `id`.
         */
        get: operations["listStretches"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/schedules/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Check schedules that are not saved, and list when they would fire
         * @description 422 `invalid-schedule` names the field and the position of what is wrong.
         */
        post: operations["previewSchedules"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/runs": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        /**
         * List runs, open ones first, then by fire time, the newest first
         * @description `params` and `result` are left out. With sinks, runs that the ledger has let go are read from the first that is well and
         *     stand among the others; that takes 2 s at most, after which the page has what the ledger has, and says so.
         */
        get: operations["listRuns"];
        put?: never;
        post?: never;
        /**
         * Delete finished runs
         * @description Those that every given filter names; at least one is needed. A run goes with its attempts and lines. Open runs stay,
         *     and so does one whose result an open child is given. One request deletes at most 5,000 runs: while `done` is false,
         *     send it again. With `preview` nothing is deleted.
         */
        delete: operations["pruneRuns"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/runs/{run}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /** @description Id of the run. */
                run: components["parameters"]["Run"];
            };
            cookie?: never;
        };
        /**
         * Read a run
         * @description One that the ledger has let go is read from a sink; so are its shards, attempts and lines.
         */
        get: operations["getRun"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/runs/{run}/attempts": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /** @description Id of the run. */
                run: components["parameters"]["Run"];
            };
            cookie?: never;
        };
        /** The requests that were made for a run, by part and in the order of their start */
        get: operations["listAttempts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/runs/{run}/shards": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /** @description Id of the run. */
                run: components["parameters"]["Run"];
            };
            cookie?: never;
        };
        /** The parts of a run, in order */
        get: operations["listShards"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/runs/{run}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /** @description Id of the run. */
                run: components["parameters"]["Run"];
            };
            cookie?: never;
        };
        /** The lines that its handlers logged, by attempt and in order */
        get: operations["listLogLines"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/runs/{run}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /** @description Id of the run. */
                run: components["parameters"]["Run"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a run; it ends `cancelled` whatever still arrives
         * @description 409 `run-ended` when it has ended.
         */
        post: operations["cancelRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/runs/{run}/rerun": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /** @description Id of the run. */
                run: components["parameters"]["Run"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Do a finished run again
         * @description A new run with the same fire time and parameters, under the present definition of the job. `only: failed` takes the
         *     parts of a split run that failed, each with the items it had; of a run that was not split it is the whole, if that
         *     failed (409 `nothing-failed` otherwise). 409 `run-open` while it has not ended.
         */
        post: operations["rerunRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/kv": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        /**
         * Keys and their values in order
         * @description Ordered by UTF-16 code unit, which for ASCII is the order of bytes. Each page is of one moment; later ones show what
         *     has changed meanwhile. A page ends early at 4 MiB of values.
         */
        get: operations["listKeys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/kv/{key}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description The key, percent-encoded (`/` as `%2F`); 1 to 512 bytes of UTF-8.
                 * @example jobs%2Fcursor
                 */
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        /**
         * The value of a key
         * @description Answered with `content-disposition: attachment` and a `content-security-policy` of `sandbox`: what somebody stored never
         *     runs as a page of this host.
         */
        get: operations["getKey"];
        /**
         * Store a value
         * @description The body is the value, at most 64 KiB, and its `content-type` is kept with it. `If-Match: "<index>"` stores it only
         *     if nobody has since, `If-None-Match: *` only if there is no such key; else the answer is 412.
         */
        put: operations["putKey"];
        post?: never;
        /** Delete a key */
        delete: operations["deleteKey"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/kv-watch": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        /**
         * Changes of keys, locks or elections as server-sent events
         * @description The first event is `open`, with the index up to which nothing is missing. `put` has the JSON of `Key`, `delete` its key and
         *     index, `held` and `free` that of `LockEvent`. `progress` says every 15 s up to which index everything was sent. `id` is the
         *     log index: after the last change of an entry, so that a stream that is resumed by it misses nothing. A node holds its last
         *     10,000 changes, at most 16 MiB of them, since it started; asked for older ones it answers 410 `compacted`: read the keys
         *     anew and watch from the `x-cronclave-index` of that reply plus one. A reader that does not keep up is closed with a last
         *     event `dropped`; `end` says that the credential ended or the node stops. Streams count as those of `/v1/events` do.
         */
        get: operations["watchKeys"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/leases": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        /** Leases */
        get: operations["listLeases"];
        put?: never;
        /**
         * Grant a lease
         * @description It ends when nobody keeps it alive for its time to live, and takes its keys and claims with it. The leader measures that
         *     by its own clock; a new leader gives every lease its full time again.
         */
        post: operations["grantLease"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/leases/{lease}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /** @description Id of the lease. */
                lease: components["parameters"]["LeaseId"];
            };
            cookie?: never;
        };
        /** Read a lease */
        get: operations["getLease"];
        put?: never;
        post?: never;
        /** End a lease with all that is tied to it */
        delete: operations["revokeLease"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/leases/{lease}/keepalive": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /** @description Id of the lease. */
                lease: components["parameters"]["LeaseId"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Keep a lease alive for its time to live */
        post: operations["keepLease"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/locks/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Its name.
                 * @example nightly-import
                 */
                name: components["parameters"]["LockName"];
            };
            cookie?: never;
        };
        /** Who holds a lock, and who waits for it */
        get: operations["getLock"];
        put?: never;
        /**
         * Acquire a lock
         * @description Claims are served in the order in which they came. With `lease` the lock is held as long as that lease lives; with `ttl` a
         *     lease is made for it, which is to be kept alive like any other and ends with the release. `wait` is how long the request may
         *     wait; then, or at once without it, the answer is 409 `lock-held`, and the claim is given up, unless `keepPlace`: then 202,
         *     and the claim keeps its place until it is released or its lease ends. A claim that is made again with the same lease is the
         *     same claim. Every holder gets a fencing token, higher than any before it: pass it to what the lock protects.
         */
        post: operations["acquireLock"];
        /** Release a lock, or give up waiting for it */
        delete: operations["releaseLock"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/elections/{name}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Its name.
                 * @example nightly-import
                 */
                name: components["parameters"]["LockName"];
            };
            cookie?: never;
        };
        /** Who leads, and who would */
        get: operations["getElection"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/elections/{name}/campaign": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Its name.
                 * @example nightly-import
                 */
                name: components["parameters"]["LockName"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stand in an election
         * @description As for a lock; `value` is what others read of the leader. `GET …/kv-watch?of=elections` shows changes.
         */
        post: operations["campaign"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/elections/{name}/resign": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Its name.
                 * @example nightly-import
                 */
                name: components["parameters"]["LockName"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Resign, or stand no longer */
        post: operations["resign"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/notices": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        /**
         * What services were told of runs that did not start, the newest first
         * @description Made for jobs that ask for it with `notify`. Kept for a day after they were taken or given up, and at most 10,000 in
         *     the cluster; the oldest give way.
         */
        get: operations["listNotices"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/attempts/{attempt}/result": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the attempt. */
                attempt: components["parameters"]["Attempt"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * How the work of an attempt ended
         * @description Whoever accepted the attempt posts this once, to any node, and again until it is answered: a repeat changes nothing. A
         *     result that comes after the attempt has ended is kept as `late` and changes nothing either.
         */
        post: operations["reportResult"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/attempts/{attempt}/heartbeat": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the attempt. */
                attempt: components["parameters"]["Attempt"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * That the work of an attempt goes on
         * @description Renews the lease for its whole time and answers a new token. `extendMs` moves the deadline to so long from now, at
         *     most to where `runTimeout` of the run ends.
         */
        post: operations["reportHeartbeat"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/attempts/{attempt}/progress": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the attempt. */
                attempt: components["parameters"]["Attempt"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * How far the work of an attempt is
         * @description Shown with the attempt until the next one comes. Refused with 409 `attempt-ended` once the attempt has ended.
         */
        post: operations["reportProgress"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/attempts/{attempt}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the attempt. */
                attempt: components["parameters"]["Attempt"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Lines that the work of an attempt logged
         * @description Of an attempt 64 KiB are kept, and no lines that come later. Refused with 409 `attempt-ended` once the attempt has
         *     ended.
         */
        post: operations["reportLines"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Changes of runs, jobs and alerts as server-sent events
         * @description Each event has `id`, `event` (`run.queued`, `run.started`, `run.ended`, `run.skipped`, `job.changed`,
         *     `job.deleted`, `alert.raised`, `alert.ended`) and `data`, the JSON of `RunEvent`, `JobEvent` or `AlertEvent`. Only
         *     namespaces that the credential may read are sent, and alerts of the cluster to those who may read that. `Last-Event-ID` resumes; when what was missed is no longer held, the first event is `reset` and the
         *     reader loads its lists again. A comment is sent every 15 s. A reader that does not keep up is closed with a last
         *     event `dropped`; `end` says that the credential ended or the node stops. A node serves at most
         *     256 streams (`limits.streams`), a quarter of them to one token.
         */
        get: operations["streamEvents"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/scheduler": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the scheduler is paused
         * @description The whole cluster schedules, or does not.
         */
        get: operations["getScheduler"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/scheduler/pause": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Stop all schedules of all namespaces; their fires are recorded as `paused`
         * @description Queued and running runs are left alone, and whoever asks for a run gets one. Pausing twice changes nothing.
         */
        post: operations["pauseScheduler"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/scheduler/resume": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let the schedules go on, from now on
         * @description Fires of the time in between are never caught up. Namespaces and jobs that are paused themselves stay so.
         */
        post: operations["resumeScheduler"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The node that answers, what it holds and what it does */
        get: operations["getStatus"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/queues": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What waits to be placed, and which nodes work on it
         * @description Evaluations and workers as the leader has them, which every node asks; waiting runs from the state of the node that
         *     answers, those of a service and a priority together, what leaves first before the others.
         */
        get: operations["getQueues"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sinks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List sinks by name, with how far each is
         * @description What the leader measures (`delivery`) is asked of it; without a leader it is left out.
         */
        get: operations["listSinks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sinks/{sink}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the sink.
                 * @example archive
                 */
                sink: components["parameters"]["Sink"];
            };
            cookie?: never;
        };
        /** Read a sink; its password is never returned */
        get: operations["getSink"];
        /**
         * Create or replace a sink
         * @description A new sink gets every row of the ledger from its beginning. Replacing keeps what was delivered and, unless `password`
         *     is given, the password; where `host`, `port`, `user` or `tls` change it has to be given again, so that it is never
         *     sent to anybody else. At most 16.
         */
        put: operations["putSink"];
        post?: never;
        /** Delete a sink; its database stays as it is */
        delete: operations["deleteSink"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sinks/{sink}/pause": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the sink.
                 * @example archive
                 */
                sink: components["parameters"]["Sink"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Deliver nothing to a sink until it is resumed
         * @description Rows wait for it in the ledger as for one that is down.
         */
        post: operations["pauseSink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sinks/{sink}/resume": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the sink.
                 * @example archive
                 */
                sink: components["parameters"]["Sink"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Deliver to a sink again, from where it was */
        post: operations["resumeSink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sinks/{sink}/resend": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the sink.
                 * @example archive
                 */
                sink: components["parameters"]["Sink"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Deliver rows again that a sink has lost
         * @description For a database that was restored from a backup: rows of a time range, or from a row on, are delivered once more, as far
         *     as the ledger still has them. A row that is there already is set to what it is. New rows follow behind them, in their
         *     order. With `preview` nothing is delivered; both say how many rows there are, and which are not in the ledger any more.
         */
        post: operations["resendRows"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sinks/{sink}/test": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the sink.
                 * @example archive
                 */
                sink: components["parameters"]["Sink"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Try a sink, saved or not
         * @description The node that answers connects, checks certificate, credentials and rights, and creates the tables where they are
         *     missing; it writes nothing else. Without a body it tries the sink as it is saved, with one that definition, which is
         *     not saved: its password may be left out where `PUT` would keep the saved one. What is wrong is an answer and no
         *     error: 200 with `ok: false` and what to do about it. Takes at most 10 s.
         */
        post: operations["testSink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/sinks/{sink}/verify": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the sink.
                 * @example archive
                 */
                sink: components["parameters"]["Sink"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Compare a sink with the ledger, hour by hour, as server-sent events
         * @description Counts and checksums of every kind of row, up to what was delivered when it began, and row by row where those do not
         *     agree. Of rows that the ledger no longer has only their own checksums are looked at. Events: `progress` has the JSON of `SinkProgress`, at most one a second; then one `report` with that
         *     of `SinkReport`, or one `failed` with `detail`; `end` when the credential ended or the node stops. A node verifies one sink
         *     at a time and answers 429 meanwhile. Closing the stream ends it. Streams count as those of `/v1/events` do.
         */
        post: operations["verifySink"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/channels": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        /** List channels of the namespace by name */
        get: operations["listChannels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/channels/recipients": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        /**
         * Addresses that channels of the namespace know already
         * @description Those that channels here write to, to choose from. Those of channels of the cluster are not among them.
         */
        get: operations["listRecipients"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/channels/{channel}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the channel.
                 * @example ops
                 */
                channel: components["parameters"]["Channel"];
            };
            cookie?: never;
        };
        /** Read a channel; its secrets are never returned */
        get: operations["getChannel"];
        /**
         * Create or replace a channel
         * @description Replacing keeps the secrets that are not given: a password only while host, port, user and security stay, so that it is
         *     never sent to anybody else. A webhook without `secret` gets one, which is returned in this reply only.
         */
        put: operations["putChannel"];
        post?: never;
        /**
         * Delete a channel and what it was told
         * @description 409 `in-use` while a rule names it.
         */
        delete: operations["deleteChannel"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/channels/{channel}/test": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the channel.
                 * @example ops
                 */
                channel: components["parameters"]["Channel"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a test message
         * @description It counts towards `messagesMax`: 429 `alerts-full` when the channel has had as many. `GET …/messages` says what became of it.
         */
        post: operations["testChannel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/channels/{channel}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the channel.
                 * @example ops
                 */
                channel: components["parameters"]["Channel"];
            };
            cookie?: never;
        };
        /** List what a channel was told, newest first */
        get: operations["listChannelMessages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/alert-rules": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        /** List alert rules of the namespace by name */
        get: operations["listAlertRules"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/alert-rules/{rule}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the alert rule.
                 * @example failing
                 */
                rule: components["parameters"]["AlertRule"];
            };
            cookie?: never;
        };
        /** Read an alert rule */
        get: operations["getAlertRule"];
        /**
         * Create or replace an alert rule
         * @description What fires goes on while scope and condition stay and the rule is enabled; otherwise it is closed, and nobody is told.
         */
        put: operations["putAlertRule"];
        post?: never;
        /** Delete an alert rule; what fires is closed */
        delete: operations["deleteAlertRule"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        /** List alerts of the namespace, newest first */
        get: operations["listAlerts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/alerts/{alert}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /** @description Id of the alert. */
                alert: components["parameters"]["Alert"];
            };
            cookie?: never;
        };
        /** Read an alert, with what channels were told */
        get: operations["getAlert"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/silences": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        /** List silences of the namespace, newest first */
        get: operations["listSilences"];
        put?: never;
        /**
         * Tell nobody for a while
         * @description Alerts are recorded all the same. What began under a silence and still goes on when it is over is told then; what was told
         *     before is told to be over also meanwhile.
         */
        post: operations["createSilence"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/namespaces/{namespace}/silences/{silence}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /** @description Id of the silence. */
                silence: components["parameters"]["Silence"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a silence */
        delete: operations["deleteSilence"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/channels": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List channels of the cluster by name */
        get: operations["listClusterChannels"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/channels/recipients": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Addresses that channels of the cluster know already
         * @description Those that channels here write to, to choose from.
         */
        get: operations["listClusterRecipients"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/channels/{channel}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the channel.
                 * @example ops
                 */
                channel: components["parameters"]["Channel"];
            };
            cookie?: never;
        };
        /** Read a channel; its secrets are never returned */
        get: operations["getClusterChannel"];
        /**
         * Create or replace a channel
         * @description Replacing keeps the secrets that are not given: a password only while host, port, user and security stay, so that it is
         *     never sent to anybody else. A webhook without `secret` gets one, which is returned in this reply only.
         */
        put: operations["putClusterChannel"];
        post?: never;
        /**
         * Delete a channel and what it was told
         * @description 409 `in-use` while a rule names it.
         */
        delete: operations["deleteClusterChannel"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/channels/{channel}/test": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the channel.
                 * @example ops
                 */
                channel: components["parameters"]["Channel"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a test message
         * @description It counts towards `messagesMax`: 429 `alerts-full` when the channel has had as many. `GET …/messages` says what became of it.
         */
        post: operations["testClusterChannel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/channels/{channel}/messages": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the channel.
                 * @example ops
                 */
                channel: components["parameters"]["Channel"];
            };
            cookie?: never;
        };
        /** List what a channel was told, newest first */
        get: operations["listClusterChannelMessages"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alert-rules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List alert rules of the cluster by name */
        get: operations["listClusterAlertRules"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alert-rules/{rule}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the alert rule.
                 * @example failing
                 */
                rule: components["parameters"]["AlertRule"];
            };
            cookie?: never;
        };
        /** Read an alert rule */
        get: operations["getClusterAlertRule"];
        /**
         * Create or replace an alert rule
         * @description What fires goes on while scope and condition stay and the rule is enabled; otherwise it is closed, and nobody is told.
         */
        put: operations["putClusterAlertRule"];
        post?: never;
        /** Delete an alert rule; what fires is closed */
        delete: operations["deleteClusterAlertRule"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List alerts of the cluster, newest first */
        get: operations["listClusterAlerts"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/alerts/{alert}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the alert. */
                alert: components["parameters"]["Alert"];
            };
            cookie?: never;
        };
        /** Read an alert, with what channels were told */
        get: operations["getClusterAlert"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/silences": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List silences of the cluster, newest first */
        get: operations["listClusterSilences"];
        put?: never;
        /**
         * Tell nobody for a while
         * @description Alerts are recorded all the same. What began under a silence and still goes on when it is over is told then; what was told
         *     before is told to be over also meanwhile. A silence of the cluster is over the rules of every namespace.
         */
        post: operations["createClusterSilence"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/silences/{silence}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the silence. */
                silence: components["parameters"]["Silence"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End a silence */
        delete: operations["deleteClusterSilence"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/job-map": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The slots of every executor, and what runs in them or waits for them
         * @description From the state of the node that answers. Shows the namespaces that the credential may read. `namespace` and `service`
         *     narrow the map; `job`, `label` and `state` narrow the runs that it names, while slots are counted as they are.
         */
        get: operations["getJobMap"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cluster": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The members of the cluster, how each is getting on, and what is wrong
         * @description The node that answers asks all others at once and shows those that do not answer within 1.5 s as unreachable.
         */
        get: operations["getCluster"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cluster/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether changes can be committed, and what endangers that */
        get: operations["getClusterHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cluster/hash": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Hash the whole state at one index on every member, and compare
         * @description Marks the log; every member hashes its state, ledger included, as it is at the mark. Equal states have equal hashes.
         */
        post: operations["hashCluster"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cluster/compact": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let every member drop its log, but for the last entries
         * @description The log is dropped by itself once it is long; this does it now. A member that lacks what is dropped is sent a state.
         */
        post: operations["compactCluster"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cluster/members": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Add a member; the token with which a new node joins is shown in this reply only
         * @description It becomes a learner. Once its node has joined and caught up, it is promoted, unless it is to stay a learner.
         */
        post: operations["addMember"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cluster/members/{member}": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name or id of the member.
                 * @example n2
                 */
                member: components["parameters"]["MemberName"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove a member; its node stops and says why
         * @description Refused when those that remain would have no majority. A leader that is removed hands leadership over first.
         */
        delete: operations["removeMember"];
        options?: never;
        head?: never;
        /** Change name or address of a member; its id and its data stay */
        patch: operations["updateMember"];
        trace?: never;
    };
    "/v1/cluster/members/{member}/promote": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name or id of the member.
                 * @example n2
                 */
                member: components["parameters"]["MemberName"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a learner that has caught up vote */
        post: operations["promoteMember"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cluster/members/{member}/replace": {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name or id of the member.
                 * @example n2
                 */
                member: components["parameters"]["MemberName"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Let a learner that has caught up take the place of a member, in one change */
        post: operations["replaceMember"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cluster/transfer": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Hand leadership to another voter, by default the one that is furthest */
        post: operations["transferLeadership"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/v1/cluster/snapshot": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The whole state of the cluster as a stream, ledger included
         * @description What `cronclave snapshot save` writes to a file: everything up to at least the moment of the request, as one
         *     consistent state with checksums. A stream that breaks off is not whole, which `cronclave snapshot status` finds.
         *     Secrets in it stay sealed under the cluster key, which is not part of it.
         */
        get: operations["getClusterSnapshot"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    "run.dispatch": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run a handler
         * @description Sent to the executor's URL as it is. Signed as Standard Webhooks 1.0 has it (`webhook-id` is the attempt id) and by
         *     `cronclave-signature`. Nothing that decides what runs is outside the signed body.
         */
        post: operations["onRunDispatch"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "run.cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop an attempt */
        post: operations["onRunCancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "run.skipped": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Something did not start, and the service asked to be told
         * @description Sent to the URL of an executor that is online, for handler and `http` targets alike, when `notify` of the job names
         *     the reason. Sent up to 8 times over about an hour, each time under another `webhook-id`; `noticeId` stays.
         */
        post: operations["onRunSkipped"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    ping: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Prove that the executor holds the secret */
        post: operations["onPing"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "manifest.get": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** List the handlers of the executor */
        post: operations["onManifestGet"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "alert.fired": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A rule fires for something
         * @description Sent to channels of the kind `webhook`, signed with the channel's secret. `webhook-id` is the same each time that a
         *     message is sent again; `data.key` is the same for all messages of one alert.
         */
        post: operations["onAlertFired"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "alert.repeated": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** It still goes on, and the rule asks to be told again */
        post: operations["onAlertRepeated"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "alert.resolved": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** It is over */
        post: operations["onAlertResolved"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "alert.summary": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** What was more than the channel takes within its window, in one */
        post: operations["onAlertSummary"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "alert.test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Somebody tries the channel */
        post: operations["onAlertTest"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        /** @example nightly-report */
        Name: string;
        /** @example r8Jw2c0yTqyb1C3mJcXh1w */
        RunId: string;
        /**
         * @description `<run id>-<shard>-<ordinal>`
         * @example r8Jw2c0yTqyb1C3mJcXh1w-0-1
         */
        AttemptId: string;
        /**
         * @description Units ms s m h d; compound forms such as `1h30m` are accepted.
         * @example 90s
         * @example 10m
         */
        Duration: string;
        /**
         * Format: date-time
         * @example 2026-11-20T15:00:00.000Z
         */
        Time: string;
        /**
         * @example {
         *       "team": "payments"
         *     }
         */
        Labels: {
            [key: string]: string;
        };
        /**
         * @description JSON handed to the handler. At most 64 KiB.
         * @example {
         *       "city": "tianjin"
         *     }
         */
        Params: {
            [key: string]: unknown;
        };
        /** @description `whsec_` and 24 to 64 random bytes in base64, as Standard Webhooks has it. */
        Secret: string;
        /**
         * @example {
         *       "type": "https://cronclave.dev/problems/invalid-job",
         *       "title": "The job is not valid",
         *       "status": 422,
         *       "code": "invalid-job",
         *       "errors": [
         *         {
         *           "pointer": "/schedules/0/cron",
         *           "detail": "minute 60 is outside 0-59"
         *         },
         *         {
         *           "pointer": "/retris",
         *           "detail": "unknown, did you mean retry?"
         *         }
         *       ]
         *     }
         */
        Problem: {
            /** @example https://cronclave.dev/problems/invalid-job */
            type: string;
            title: string;
            status: number;
            detail?: string;
            code: components["schemas"]["ProblemCode"];
            errors?: components["schemas"]["Fault"][];
        };
        /** @enum {string} */
        ProblemCode: "invalid-request" | "invalid-json" | "invalid-cursor" | "unauthenticated" | "forbidden" | "csrf-refused" | "host-refused" | "not-found" | "namespace-not-found" | "service-not-found" | "executor-not-found" | "job-not-found" | "run-not-found" | "attempt-not-found" | "definition-not-found" | "member-not-found" | "backfill-not-found" | "signing-key-not-found" | "token-not-found" | "key-not-found" | "lease-not-found" | "channel-not-found" | "alert-rule-not-found" | "silence-not-found" | "alert-not-found" | "sink-not-found" | "method-not-allowed" | "already-exists" | "in-use" | "job-not-paused" | "member-change-refused" | "join-refused" | "cluster-version-too-low" | "run-ended" | "run-open" | "nothing-failed" | "attempt-ended" | "executor-live" | "managed-by-code" | "manifest-older" | "manifest-unavailable" | "lock-held" | "lock-not-held" | "compacted" | "version-mismatch" | "body-too-large" | "unsupported-media-type" | "invalid-job" | "invalid-schedule" | "invalid-service" | "invalid-executor" | "invalid-namespace" | "invalid-token" | "invalid-channel" | "invalid-alert-rule" | "invalid-silence" | "invalid-sink" | "invalid-manifest" | "invalid-params" | "unknown-service" | "egress-refused" | "idempotency-mismatch" | "idempotency-full" | "kv-full" | "backfills-full" | "alerts-full" | "sinks-full" | "lock-queue-full" | "too-many-streams" | "too-many-polls" | "internal" | "not-leader" | "not-committed" | "not-caught-up" | "storage-failed" | "disk-full";
        Fault: {
            /** @description A JSON pointer into the body, `?name` for a query parameter, `#name` for a header, `{name}` for a part of the path. */
            pointer: string;
            detail: string;
        };
        Probe: {
            /** @enum {string} */
            status: "ok" | "ready" | "not-ready";
            reason?: string;
        };
        Version: {
            /** @example 1.0.0 */
            version: string;
            /** @description The vocabulary of the log that it writes. */
            commandVersion: number;
            /** @description Version of Node.js. */
            node: string;
        };
        /**
         * @description `admin`, `read` (reads every namespace), `namespace:<ns>`, or `service:<ns>/<service>` (its executors, and the keys and locks of its namespace).
         * @example namespace:default
         */
        Scope: string;
        /** @description Exactly one of the two. */
        SessionRequest: {
            token?: string;
            code?: string;
        };
        Session: {
            /**
             * @description Name of the caller as `createdBy` has it.
             * @example token:ci
             */
            principal: string;
            scope: components["schemas"]["Scope"];
            /** @enum {string} */
            by: "token" | "session";
            expiresAt?: components["schemas"]["Time"];
        };
        LoginCode: {
            /** @example clc_V2hhdGV2ZXJ3aGF0ZXZlcg */
            code: string;
            expiresAt: components["schemas"]["Time"];
        };
        TokenCreate: {
            name: components["schemas"]["Name"];
            scope: components["schemas"]["Scope"];
            /** @description From now, at most 3650d. Absent: never. */
            expiresIn?: components["schemas"]["Duration"];
        };
        Token: {
            id: string;
            name: components["schemas"]["Name"];
            scope: components["schemas"]["Scope"];
            createdBy: string;
            createdAt: components["schemas"]["Time"];
            expiresAt?: components["schemas"]["Time"];
            /** @description As this node saw it since it started. */
            lastUsedAt?: components["schemas"]["Time"];
        };
        TokenCreated: {
            token: components["schemas"]["Token"];
            /**
             * @description The token itself. Shown once.
             * @example cct_Nzk2c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2U
             */
            secret: string;
        };
        TokenPage: {
            items: components["schemas"]["Token"][];
            /** @description Absent: this is the last page. */
            nextCursor?: string;
        };
        RenameRequest: {
            name: components["schemas"]["Name"];
        };
        /** @description How long the ledger keeps what ended. */
        Retention: {
            /** @description From the end of a run. */
            maxAge?: components["schemas"]["Duration"];
            /** @description Of runs that failed, timed out or were lost; longer than `maxAge`, they are counted by themselves. */
            failedMaxAge?: components["schemas"]["Duration"];
            /** @description Of a job; the newest stay. */
            maxRuns?: number;
        };
        NamespaceDefinition: {
            /** @description Needed to create; otherwise the name in the path. */
            name?: components["schemas"]["Name"];
            /** @default  */
            description: string;
            /**
             * @description Shards that may be placed at once.
             * @default 1000
             */
            slots: number;
            /**
             * @description Runs that may wait at once; beyond it fires are skipped with `no-slot`.
             * @default 100000
             */
            queuedRunsMax: number;
            /** @description For jobs that say nothing themselves; what is absent is the cluster's. */
            retention?: components["schemas"]["Retention"];
        };
        Namespace: {
            uid: number;
            name: components["schemas"]["Name"];
            description: string;
            slots: number;
            queuedRunsMax: number;
            retention?: components["schemas"]["Retention"];
            version: number;
            createdAt: components["schemas"]["Time"];
            updatedAt: components["schemas"]["Time"];
            /** @description Slots in use. */
            held: number;
            /** @description Runs that wait. */
            queued: number;
            /** @description Present while its schedules are stopped. */
            paused?: components["schemas"]["Paused"];
        };
        Paused: {
            /** @description Who gave the order. */
            by: string;
            at: components["schemas"]["Time"];
        };
        SchedulerState: {
            /** @description Absent: it schedules. */
            paused?: components["schemas"]["Paused"];
        };
        NamespacePage: {
            items: components["schemas"]["Namespace"][];
            /** @description Absent: this is the last page. */
            nextCursor?: string;
        };
        ServiceDefinition: {
            /** @description Needed to create; otherwise the name in the path. */
            name?: components["schemas"]["Name"];
            /** @default  */
            description: string;
            /**
             * @description Hosts that an executor's URL may name, `*.example.com` included. Empty is any that the egress policy allows.
             * @default []
             */
            allowedHosts: string[];
            /** @description Absent: executors are not asked. */
            healthCheck?: components["schemas"]["HealthCheck"];
            /** @description Absent: as it was; at first, `hmac`. */
            signing?: components["schemas"]["ServiceSigning"];
            secret?: components["schemas"]["Secret"];
        };
        ServiceSigning: {
            scheme: components["schemas"]["SigningScheme"];
            /** @description Of `jwt` only; EdDSA when absent. */
            alg?: components["schemas"]["TokenAlgorithm"];
            /** @description Of `legacy-gojob` only; absent: the one that is kept. Never returned. */
            secret?: string;
        };
        /**
         * @description `hmac`: Standard Webhooks under the secrets. `jwt`: a token by a key of the cluster. `legacy-gojob`: for `http` targets that check what gojob sends; weak, since it covers path and time alone.
         * @enum {string}
         */
        SigningScheme: "hmac" | "jwt" | "legacy-gojob";
        /** @enum {string} */
        TokenAlgorithm: "EdDSA" | "ES256";
        ResolvedServiceSigning: {
            scheme: components["schemas"]["SigningScheme"];
            alg?: components["schemas"]["TokenAlgorithm"];
            /** @description `iss` of its tokens: the keys are at `/.well-known/jwks.json` there. */
            issuer?: string;
            /** @description `aud` of its tokens. */
            audience?: string;
            /** @description It does not prove who sent which body. Nothing confidential goes along. */
            weak: boolean;
        };
        SigningKeyCreate: {
            alg: components["schemas"]["TokenAlgorithm"];
            /** @description Address under which executors reach the cluster; absent: that of the key before, or of this node. */
            issuer?: string;
        };
        SigningKey: {
            /** @description `kid` of its tokens: the thumbprint of RFC 7638. */
            id: string;
            alg: components["schemas"]["TokenAlgorithm"];
            issuer: string;
            /**
             * @description `next` is published and does not sign yet; `retired` is published still.
             * @enum {string}
             */
            state: "next" | "active" | "retired";
            createdAt: components["schemas"]["Time"];
            activatedAt?: components["schemas"]["Time"];
            retiredAt?: components["schemas"]["Time"];
            /** @description How many services it signs for. */
            services?: number;
        };
        SigningKeyPage: {
            items: components["schemas"]["SigningKey"][];
            /** @description Absent: this is the last page. */
            nextCursor?: string;
        };
        Jwks: {
            keys: {
                /** @enum {string} */
                kty: "OKP" | "EC";
                /** @enum {string} */
                crv: "Ed25519" | "P-256";
                x: string;
                y?: string;
                kid: string;
                /** @enum {string} */
                use: "sig";
            }[];
        };
        /** @description The leader asks each executor of the service with GET; any 2xx is well. One that is not gets no new work. */
        HealthCheck: {
            /** @description At the origin of the executor's URL. */
            path: string;
            /**
             * @description 1 s to 1 h.
             * @default 10s
             */
            interval: components["schemas"]["Duration"];
            /**
             * @description 100 ms to 1 min.
             * @default 5s
             */
            timeout: components["schemas"]["Duration"];
            /**
             * @description Failures in a row.
             * @default 3
             */
            unhealthyAfter: number;
            /**
             * @description Answers in a row.
             * @default 2
             */
            healthyAfter: number;
        };
        ResolvedHealthCheck: {
            path: string;
            interval: components["schemas"]["Duration"];
            timeout: components["schemas"]["Duration"];
            unhealthyAfter: number;
            healthyAfter: number;
        };
        SecretRequest: {
            secret?: components["schemas"]["Secret"];
        };
        Service: {
            uid: number;
            namespace: components["schemas"]["Name"];
            name: components["schemas"]["Name"];
            description: string;
            allowedHosts: string[];
            healthCheck?: components["schemas"]["ResolvedHealthCheck"];
            signing: components["schemas"]["ResolvedServiceSigning"];
            /** @description How many are in force: 2 while one is rotated. */
            secrets: number;
            executors: {
                online: number;
                offline: number;
                draining: number;
                joining: number;
                suspect: number;
            };
            version: number;
            createdAt: components["schemas"]["Time"];
            updatedAt: components["schemas"]["Time"];
        };
        ServiceWithSecret: {
            service: components["schemas"]["Service"];
            /** @description The generated secret. Shown once. */
            secret?: components["schemas"]["Secret"];
        };
        ServicePage: {
            items: components["schemas"]["Service"][];
            /** @description Absent: this is the last page. */
            nextCursor?: string;
        };
        /**
         * @description `joining`: registered, and has not proved yet that it holds the secret. `suspect`: its connection broke and it did not answer; both get no work.
         * @enum {string}
         */
        ExecutorStatus: "online" | "offline" | "draining" | "joining" | "suspect";
        /** @description Of the running process: another one after every start. */
        BootId: string;
        /** @description Changes when revision or handlers do. */
        ManifestHash: string;
        ManifestHandler: {
            name: string;
            description?: string;
            /** @description JSON Schema of its parameters. */
            params?: {
                [key: string]: unknown;
            };
            /** @description The job that the code keeps for it: `name`, by default that of the handler, and of a `JobDefinition` what code decides. It is judged when it is taken. */
            job?: {
                [key: string]: unknown;
            };
        };
        /** @description What the program of a service says of itself. Its hash is the SHA-256 of its canonical JSON. */
        ManifestDefinition: {
            /** @description When given: that of the address. */
            namespace?: components["schemas"]["Name"];
            /** @description When given: that of the address. */
            service?: components["schemas"]["Name"];
            revision?: components["schemas"]["Revision"];
            revisionOrder?: components["schemas"]["RevisionOrder"];
            handlers: components["schemas"]["ManifestHandler"][];
        };
        /** @description Of the program: a version, a commit. */
        Revision: string;
        /** @description Which of two revisions is newer: the one with the larger number, e.g. the time of its commit. Absent: the one that was seen first later. */
        RevisionOrder: number;
        /**
         * @description `older`: a newer one was known. `refused`: something in it is not valid, and nothing of it was taken.
         * @enum {string}
         */
        ManifestOutcome: "reconciled" | "older" | "refused";
        /** @description What became of the manifest of an executor. */
        ManifestVerdict: {
            /**
             * @description `current`: the jobs are as it says. `superseded`: another one was taken since.
             * @enum {string}
             */
            status: "current" | "superseded" | "older" | "manifest-refused" | "unknown";
            errors?: components["schemas"]["Fault"][];
        };
        SeenManifest: {
            hash: string;
            revision?: components["schemas"]["Revision"];
            revisionOrder?: components["schemas"]["RevisionOrder"];
            outcome: components["schemas"]["ManifestOutcome"];
            /** @description When it was seen first. */
            at: components["schemas"]["Time"];
            /** @description Of one that was refused. */
            errors?: components["schemas"]["Fault"][];
        };
        ServiceManifest: {
            namespace: components["schemas"]["Name"];
            service: components["schemas"]["Name"];
            /** @description Absent: none was taken yet. */
            hash?: string;
            revision?: components["schemas"]["Revision"];
            revisionOrder?: components["schemas"]["RevisionOrder"];
            /** @description When it was taken. */
            at?: components["schemas"]["Time"];
            /** @description Who brought it: an executor, or a person. */
            by?: string;
            handlers: components["schemas"]["ManifestHandler"][];
            /** @description Jobs that the code of the service made or took over. */
            jobs: components["schemas"]["KeptJob"][];
            /** @description The last 100, in the order in which they were seen first. */
            seen: components["schemas"]["SeenManifest"][];
        };
        KeptJob: {
            name: components["schemas"]["Name"];
            handler?: string;
            status: components["schemas"]["CodeStatus"];
        };
        /**
         * @description `absent-from-code`: the newest revision names it no more; it goes on until somebody prunes, pauses or deletes it. `detached`: somebody took it out of its code.
         * @enum {string}
         */
        CodeStatus: "in-code" | "absent-from-code" | "detached";
        /** @description The code that keeps a job. */
        ManagedBy: {
            service: components["schemas"]["Name"];
            /** @description That was taken last. */
            revision?: components["schemas"]["Revision"];
            handler?: string;
            status: components["schemas"]["CodeStatus"];
            /** @description Fields of the definition that the code decides; people decide the others. */
            fields: string[];
        };
        ManifestReport: {
            /**
             * @description `planned`: it was a dry run.
             * @enum {string}
             */
            outcome: "applied" | "unchanged" | "planned";
            hash: string;
            revision?: components["schemas"]["Revision"];
            /** @description That was taken last before. */
            before?: components["schemas"]["Revision"];
            jobs: components["schemas"]["PlannedJob"][];
        };
        PlannedJob: {
            name: components["schemas"]["Name"];
            handler?: string;
            /**
             * @description `adopt`: somebody made it by hand, and the code takes it over. `absent`: the code names it no more, and it stays.
             * @enum {string}
             */
            action: "create" | "update" | "adopt" | "none" | "detached" | "absent" | "pause" | "delete";
            changes?: components["schemas"]["DefinitionChange"][];
            fires?: components["schemas"]["FireChange"];
        };
        /** @description Of a dry run: the next fires, as they are and as they would be. Absent when they are the same. */
        FireChange: {
            before: components["schemas"]["Fire"][];
            after: components["schemas"]["Fire"][];
        };
        SyncRequest: {
            /** @description Whom to ask. Absent: an executor of the service. */
            url?: string;
        };
        ExecutorDefinition: {
            /** @description Present: it registers itself, has to prove that it holds the secret, and to send heartbeats. Absent: a person lists it. */
            bootId?: components["schemas"]["BootId"];
            /** @description Of the program. */
            revision?: string;
            handlers?: components["schemas"]["ManifestHandler"][];
            manifestHash?: components["schemas"]["ManifestHash"];
            /** @description Sent when the answer says `needManifest`. */
            manifest?: components["schemas"]["ManifestDefinition"];
            /** @description http or https, without user info and fragment. Handler targets are posted to it as it is; paths of `http` targets are joined to it. `pull`, with `bootId`: it gets calls for handlers from polls. */
            url: string;
            /**
             * @description 0 takes no traffic.
             * @default 1
             */
            weight: number;
            /** @description Shards that it holds at once; 0 is unlimited. Absent: unlimited, and 10 when it polls. */
            slots?: number;
            labels?: components["schemas"]["Labels"];
        };
        Executor: {
            id: components["schemas"]["Name"];
            namespace: components["schemas"]["Name"];
            service: components["schemas"]["Name"];
            /**
             * @description `registered` announced itself with the SDK.
             * @enum {string}
             */
            kind: "static" | "registered";
            url: string;
            weight: number;
            slots: number;
            labels: components["schemas"]["Labels"];
            status: components["schemas"]["ExecutorStatus"];
            bootId?: string;
            revision?: string;
            handlers?: components["schemas"]["ManifestHandler"][];
            manifestHash?: string;
            manifest?: components["schemas"]["ManifestVerdict"];
            /** @description In the answer to a registration: register again with `manifest`, its hash is not known. */
            needManifest?: boolean;
            /** @description In the answer to a registration: silent for so long it is offline. */
            leaseTtlMs?: number;
            /** @description In the answer to a registration: how often to send a heartbeat. */
            heartbeatMs?: number;
            /** @description What the leader last heard of a registered one. Absent: nothing since it leads, or it can't be asked. */
            heartbeat?: components["schemas"]["ExecutorHeartbeat"];
            version: number;
            createdAt: components["schemas"]["Time"];
            updatedAt: components["schemas"]["Time"];
            /** @description Shards placed on it. */
            held: number;
            /** @description Connection failures in a row. */
            failures: number;
            /**
             * @description The circuit breaker. `open`: nothing new is placed on it. `half-open`: one attempt tries.
             * @enum {string}
             */
            breaker: "closed" | "open" | "half-open";
            /** @description While the circuit breaker is open: until when. */
            openUntil?: components["schemas"]["Time"];
            /**
             * @description Present when the service's health check finds it unwell: it gets no new work.
             * @enum {string}
             */
            health?: "unhealthy";
        };
        ExecutorHeartbeat: {
            at: components["schemas"]["Time"];
            /** @description Handlers at work. */
            inFlight: number;
            /** @description How far its clock is ahead of ours; below 0 it is behind. */
            clockSkewMs?: number;
        };
        HeartbeatRequest: {
            bootId: components["schemas"]["BootId"];
            /** @enum {string} */
            state: "online" | "draining";
            inFlight: number;
            /** @description What its clock says. */
            clock?: components["schemas"]["Time"];
            manifestHash?: components["schemas"]["ManifestHash"];
        };
        HeartbeatAnswer: {
            /**
             * @description `needManifest`: register again with the handlers. `register`: it is not known, has expired, or another process has its id.
             * @enum {string}
             */
            answer: "ok" | "needManifest" | "register";
            leaseTtlMs: number;
            heartbeatMs: number;
        };
        PollRequest: {
            bootId: components["schemas"]["BootId"];
            /**
             * @description One that is draining is given no new work.
             * @enum {string}
             */
            state: "online" | "draining";
            inFlight: number;
            /** @description What its clock says. */
            clock?: components["schemas"]["Time"];
            manifestHash?: components["schemas"]["ManifestHash"];
            /**
             * @description How long it may hang; less when the executor would count as silent before it polls again.
             * @default 25000
             */
            waitMs: number;
        };
        PollAnswer: {
            /**
             * @description As of a heartbeat.
             * @enum {string}
             */
            answer: "ok" | "needManifest" | "register";
            leaseTtlMs: number;
            heartbeatMs: number;
            calls: components["schemas"]["PolledCall"][];
        };
        PolledCall: {
            /** @description By lower-case name; the signature is among them. */
            headers: {
                [key: string]: string;
            };
            /** @description The signed text, to the byte: `run.dispatch`, `run.cancel`, `run.skipped` or `manifest.get`. */
            body: string;
        };
        ExecutorPage: {
            items: components["schemas"]["Executor"][];
            /** @description Absent: this is the last page. */
            nextCursor?: string;
        };
        /** @enum {string} */
        JobState: "active" | "paused" | "ended" | "quarantined";
        /** @description One rule. At most one of `cron`, `every`, `after`, `at`; none of them is manual. */
        Schedule: {
            /** @description Unique in the job. Absent: its position, from `0`. */
            id?: components["schemas"]["Name"];
            /**
             * @description Five fields, six with seconds first, seven with a year last; names, lists, ranges, steps, `? L W # H`, `@hourly` and its kin, prefixes `TZ=` and `CRON_TZ=`.
             * @example *\/5 * * * *
             */
            cron?: string;
            /**
             * @description Weekday numbers as Quartz has them: 1 is Sunday.
             * @default false
             */
            quartzWeekdays: boolean;
            /** @description Fixed rate with its phase from `startAt`, at least 1s. */
            every?: components["schemas"]["Duration"];
            /** @description Fixed delay from the end of the last scheduled fire, at least 1s. */
            after?: components["schemas"]["Duration"];
            /** @description Once. */
            at?: components["schemas"]["Time"];
            /**
             * @description IANA name.
             * @default UTC
             * @example Asia/Shanghai
             */
            zone: string;
            /**
             * @description A wall time that does not exist: at the first instant after the gap, or not at all.
             * @default next
             * @enum {string}
             */
            gap: "next" | "skip";
            /**
             * @description A wall time that exists twice.
             * @default first
             * @enum {string}
             */
            fold: "first" | "last" | "both";
            /** @description No fire before it. */
            startAt?: components["schemas"]["Time"];
            /** @description No fire after it. */
            endAt?: components["schemas"]["Time"];
            /**
             * @description Spread of the due time, stable per job.
             * @default 0ms
             */
            jitter: components["schemas"]["Duration"];
            /** @description The job has ended after so many. */
            maxFires?: number;
        };
        HandlerTarget: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "handler";
            service: components["schemas"]["Name"];
            /** @description Name of the handler in the SDK. */
            handler: string;
        };
        /**
         * @description Exactly one of `path` (joined to an executor of `service`) and `url`. Query, headers, body, path may hold
         *     `{{runId}} {{attemptId}} {{fireTime}} {{job}} {{namespace}} {{params.x}}`, encoded for where they stand; scheme,
         *     host and port may not. `host`, `content-length`, `transfer-encoding`, `connection`, `webhook-*` and
         *     `cronclave-*` headers are refused.
         */
        HttpTarget: {
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            kind: "http";
            /** @description Needed with `path`; with `url` it lends its signing secret. */
            service?: components["schemas"]["Name"];
            /**
             * @default GET
             * @enum {string}
             */
            method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS";
            path?: string;
            url?: string;
            /** @default {} */
            query: {
                [key: string]: string;
            };
            /** @default {} */
            headers: {
                [key: string]: string;
            };
            body?: string;
            /**
             * @description Empty: any 2xx.
             * @default []
             */
            successStatuses: number[];
            /** @description The reply must be JSON that holds this value. */
            expect?: {
                /** @description Dots go down, e.g. `data.ok`. */
                field: string;
                /** @description Any JSON. */
                equals: unknown;
            };
            /**
             * @description Redirects followed. A change of origin drops credentials.
             * @default 0
             */
            redirectMax: number;
            /**
             * @description An accepting reply means that the outcome comes later, to the callback that the call names.
             * @default false
             */
            async: boolean;
            /**
             * @description Statuses that accept. Empty: 202.
             * @default []
             */
            acceptStatuses: number[];
        };
        Target: components["schemas"]["HandlerTarget"] | components["schemas"]["HttpTarget"];
        JobDefinition: {
            /** @description Needed to create; otherwise the name in the path. */
            name?: components["schemas"]["Name"];
            /** @default  */
            description: string;
            /** @default {} */
            labels: components["schemas"]["Labels"];
            /** @description Its state after this change. Absent keeps it; a new job is active. */
            paused?: boolean;
            /**
             * @description Empty: only by hand or API.
             * @default []
             */
            schedules: components["schemas"]["Schedule"][];
            target?: components["schemas"]["Target"];
            /** @default {} */
            params: components["schemas"]["Params"];
            /** @description What becomes of fires that were due while nobody was scheduling. */
            misfire?: {
                /**
                 * @default run-once
                 * @enum {string}
                 */
                policy: "run-once" | "skip" | "run-all";
                /**
                 * @description What is later than that is skipped.
                 * @default 10m
                 */
                threshold: components["schemas"]["Duration"];
                /**
                 * @description Of `run-all`; the rest is coalesced.
                 * @default 100
                 */
                max: number;
            };
            /**
             * @description When a run of it is still open.
             * @default skip
             * @enum {string}
             */
            overlap: "skip" | "allow" | "queue" | "cancel-running";
            /**
             * @description Open runs at most; 0 is no limit.
             * @default 0
             */
            maxConcurrentRuns: number;
            /**
             * @description Runs that wait under `overlap: queue`.
             * @default 10
             */
            queueMax: number;
            /**
             * @description A run that waited longer ends `expired`.
             * @default 10m
             */
            queueTtl: components["schemas"]["Duration"];
            /**
             * @description When no slot is free or no executor online.
             * @default queue
             * @enum {string}
             */
            whenFull: "queue" | "fail";
            /**
             * @description The higher leaves a queue first.
             * @default 50
             */
            priority: number;
            routing?: {
                /**
                 * @default round-robin
                 * @enum {string}
                 */
                strategy: "round-robin" | "random" | "weighted-round-robin" | "weighted-random" | "least-loaded" | "consistent-hash" | "first" | "last" | "least-recently-used" | "broadcast" | "sharded";
                /**
                 * @description Only executors that carry all of them.
                 * @default {}
                 */
                labels: components["schemas"]["Labels"];
                /** @description Of `consistent-hash`: text with `{{job}}` and `{{params.<name>}}`. Absent: the job itself. */
                key?: string;
            };
            /** @description On the same executor, before failover. */
            retry?: {
                /** @default 0 */
                max: number;
                /** @default 1s */
                delay: components["schemas"]["Duration"];
                /**
                 * @default exponential
                 * @enum {string}
                 */
                backoff: "fixed" | "exponential";
                /**
                 * @description Bound of the delay and of `Retry-After`.
                 * @default 5m
                 */
                maxDelay: components["schemas"]["Duration"];
                /**
                 * @description Share of the delay that chance may take off.
                 * @default 0
                 */
                jitter: number;
            };
            /**
             * @description Go on with executors not tried when retries are used up.
             * @default true
             */
            failover: boolean;
            /**
             * @description Of one attempt; 0 is refused.
             * @default 60s
             */
            timeout: components["schemas"]["Duration"];
            /**
             * @description Of the whole run from its first start.
             * @default 24h
             */
            runTimeout: components["schemas"]["Duration"];
            /**
             * @description When a request may have arrived and no reply says how it ended: ask again (at least once), or end `lost`.
             * @default redispatch
             * @enum {string}
             */
            onUncertain: "redispatch" | "fail";
            /**
             * @description When not all shards find a place at once: begin with those that do, or wait for all.
             * @default partial
             * @enum {string}
             */
            placement: "partial" | "all";
            /** @description What a run under `routing.strategy: sharded` is split into: `count` or `items`. */
            sharding?: {
                /** @description Items 0 … count − 1. */
                count?: number;
                items?: string[];
                /**
                 * @description One request per executor that has items, the default, or one per item.
                 * @enum {string}
                 */
                mode?: "grouped" | "per-item";
            };
            /**
             * @description Jobs of this namespace that start when a run of this one ends.
             * @default []
             */
            children: {
                job: components["schemas"]["Name"];
                /**
                 * @default success
                 * @enum {string}
                 */
                on: "success" | "failure" | "completion";
            }[];
            /**
             * @description The service is told of runs that do not start for these reasons.
             * @default []
             */
            notify: ("skipped" | "no-slot" | "expired")[];
            /**
             * @description Failures in a row after which the job is paused; 0 never.
             * @default 0
             */
            pauseAfterFailures: number;
            /** @description How long the ledger keeps this job's runs; what is absent is the namespace's. */
            retention?: {
                maxAge?: components["schemas"]["Duration"];
                /** @description Of runs that failed, timed out or were lost. */
                failedMaxAge?: components["schemas"]["Duration"];
                maxRuns?: number;
            };
        };
        Job: {
            /** @description Never used again; its name may be. */
            uid: number;
            namespace: components["schemas"]["Name"];
            name: components["schemas"]["Name"];
            version: number;
            state: components["schemas"]["JobState"];
            /** @description Why it is quarantined. */
            fault?: string;
            /** @description Who paused it; `cronclave` by itself. */
            pausedBy?: string;
            /** @description Why, when it was paused by itself: `pauseAfterFailures`. */
            pausedWhy?: string;
            createdBy: string;
            updatedBy: string;
            createdAt: components["schemas"]["Time"];
            updatedAt: components["schemas"]["Time"];
            fireCount: number;
            lastFire?: components["schemas"]["Time"];
            nextFire?: components["schemas"]["Fire"];
            /** @description Runs that failed, timed out or were lost since the last success. */
            failuresInARow: number;
            /** @description Queued and running. */
            openRuns: number;
            lastRun?: {
                id: components["schemas"]["RunId"];
                state: components["schemas"]["RunState"];
                at: components["schemas"]["Time"];
            };
            openStretch?: components["schemas"]["Stretch"];
            managedBy?: components["schemas"]["ManagedBy"];
            /** @description What of the definition does not fit what its handler says of itself by now: it goes on as it is. Left out in lists and events, and when there is nothing. */
            warnings?: components["schemas"]["Fault"][];
            /** @description What was asked for with every default filled in; it can be sent back with PUT. */
            definition: components["schemas"]["JobDefinition"];
        };
        JobVersion: {
            /** @description Version of the job that brought the definition. */
            version: number;
            at: components["schemas"]["Time"];
            by: string;
            /** @description Of the program whose code brought it; absent when a person did. */
            revision?: string;
            /** @description Against the definition before, the first 200; none when there is none, or it is not kept any more. */
            changes: components["schemas"]["DefinitionChange"][];
            /** @description Not in lists. */
            definition?: components["schemas"]["JobDefinition"];
        };
        DefinitionChange: {
            /** @description JSON pointer into the definition. */
            pointer: string;
            /** @description Absent: it was added. */
            from?: unknown;
            /** @description Absent: it was removed. */
            to?: unknown;
            /** @description The values are left out of this list, because they are longer than 1,000 characters. */
            large?: boolean;
        };
        JobVersionPage: {
            items: components["schemas"]["JobVersion"][];
            /** @description Absent: this is the last page. */
            nextCursor?: string;
        };
        JobPage: {
            items: components["schemas"]["Job"][];
            /** @description Absent: this is the last page. */
            nextCursor?: string;
        };
        TriggerRequest: {
            /** @description Merged over the job's own. */
            params?: components["schemas"]["Params"];
            /** @description The nominal time handed to the handler. Absent: now. */
            fireTime?: components["schemas"]["Time"];
            /** @description The only executor that may take it. */
            executor?: components["schemas"]["Name"];
        };
        RerunRequest: {
            /**
             * @default all
             * @enum {string}
             */
            only: "all" | "failed";
            /** @description Merged over those of the run. */
            params?: components["schemas"]["Params"];
            /** @description The only executor that may take it. */
            executor?: components["schemas"]["Name"];
        };
        BackfillRequest: {
            /** @description The first instant, included. */
            from: components["schemas"]["Time"];
            /** @description The last instant, excluded; not in the future. Absent: now. */
            to?: components["schemas"]["Time"];
            /**
             * @description A range with more fires is refused.
             * @default 1000
             */
            max: number;
            /**
             * @description Runs of it that may be open at once.
             * @default 1
             */
            parallel: number;
            /**
             * @description Its runs may run beside each other, and beside others of the job, whatever the job says. Absent: as the job says.
             * @constant
             */
            overlap?: "allow";
            /** @description Merged over the job's own. */
            params?: components["schemas"]["Params"];
            /** @description The only executor that may take its runs. */
            executor?: components["schemas"]["Name"];
        };
        BackfillPreview: {
            items: components["schemas"]["Fire"][];
            /** @description There are more than `max`: such a backfill would be refused. */
            more: boolean;
        };
        Backfill: {
            id: components["schemas"]["RunId"];
            job: components["schemas"]["Name"];
            from: components["schemas"]["Time"];
            to: components["schemas"]["Time"];
            /** @enum {string} */
            state: "active" | "done" | "cancelled";
            /** @description Fires in the range. */
            total: number;
            /** @description Fires that have no run yet. */
            waiting: number;
            /** @description Runs that are queued or running. */
            open: number;
            ended: components["schemas"]["RunCounts"];
            parallel: number;
            /** @constant */
            overlap?: "allow";
            params?: components["schemas"]["Params"];
            executor?: components["schemas"]["Name"];
            createdBy: string;
            createdAt: components["schemas"]["Time"];
            endedAt?: components["schemas"]["Time"];
        };
        BackfillPage: {
            items: components["schemas"]["Backfill"][];
            /** @description Absent: this is the last page. */
            nextCursor?: string;
        };
        PreviewRequest: {
            schedules: components["schemas"]["Schedule"][];
            /** @description Fires after it. Absent: now. */
            from?: components["schemas"]["Time"];
            /** @default 10 */
            count: number;
            /**
             * @description What `H` and jitter are drawn from; a saved job has its own.
             * @default 0
             */
            seed: number;
        };
        Fire: {
            /** @description Nominal instant. */
            fireTime: components["schemas"]["Time"];
            /** @description With the job's jitter. */
            dueTime: components["schemas"]["Time"];
            /**
             * @description Wall time with offset in the zone of the first schedule.
             * @example 2027-03-14T03:00:00-04:00
             */
            local: string;
            /** @description Ids of the schedules that are due. */
            schedules: string[];
            /**
             * @description It will be recorded and not run.
             * @enum {string}
             */
            skip?: "dst-gap";
            /**
             * @description Why the wall time is not what the rule says.
             * @enum {string}
             */
            moved?: "gap-next" | "fold-first" | "fold-last" | "fold-both";
        };
        FirePreview: {
            items: components["schemas"]["Fire"][];
            /** @description Why there are fewer than asked for, e.g. `after` is known only when a run ends. */
            note?: string;
        };
        /** @enum {string} */
        RunState: "queued" | "running" | "succeeded" | "failed" | "timed-out" | "cancelled" | "lost" | "skipped";
        /** @enum {string} */
        Cause: "schedule" | "misfire" | "manual" | "api" | "child" | "rerun" | "backfill";
        /** @enum {string} */
        SkipReason: "misfire-threshold" | "coalesced" | "overlap" | "max-concurrent" | "paused" | "outside-window" | "dst-gap" | "no-slot" | "no-executor" | "expired" | "quarantined";
        /** @enum {string} */
        AttemptOutcome: "succeeded" | "failed" | "skipped" | "cancelled" | "timed-out" | "refused" | "uncertain";
        RunError: {
            code: string;
            message: string;
            name?: string;
        };
        Run: {
            id: components["schemas"]["RunId"];
            namespace: components["schemas"]["Name"];
            job: components["schemas"]["Name"];
            jobUid: number;
            /** @description Version of the definition that it runs under. */
            jobVersion: number;
            cause: components["schemas"]["Cause"];
            state: components["schemas"]["RunState"];
            fireTime: components["schemas"]["Time"];
            /** @description With jitter; lateness counts from it. */
            dueTime: components["schemas"]["Time"];
            createdAt: components["schemas"]["Time"];
            startedAt?: components["schemas"]["Time"];
            endedAt?: components["schemas"]["Time"];
            /** @description Log index of the entry that ended it. */
            endIndex?: number;
            /** @description From due to first start. */
            latenessMs?: number;
            /** @description From first start to end. */
            durationMs?: number;
            /** @description Left out in lists and events. */
            params?: components["schemas"]["Params"];
            requestedBy?: string;
            schedules: string[];
            /** @description Requests made so far. */
            attempts: number;
            executor?: string;
            /** @description JSON that the handler returned. Left out in lists and events. */
            result?: unknown;
            error?: components["schemas"]["RunError"];
            reason?: components["schemas"]["SkipReason"];
            /** @description The run that it was coalesced into. */
            into?: components["schemas"]["RunId"];
            /** @description The run whose end started this one. */
            parent?: {
                run: components["schemas"]["RunId"];
                /** @enum {string} */
                moment: "success" | "failure" | "completion";
            };
            /** @description The run that this one does again. */
            rerunOf?: components["schemas"]["RunId"];
            /** @description The trace of OpenTelemetry that it belongs to, if somebody traces. */
            traceId?: string;
            /** @description Left out in lists and events. */
            source?: components["schemas"]["RunSource"];
            /** @description The backfill that it belongs to. */
            backfill?: components["schemas"]["RunId"];
            /** @description Runs that its end started. Left out in lists and events, and when there are none. */
            children?: components["schemas"]["RunLink"][];
            /** @description Runs that do it again, the newest 100. Left out likewise. */
            reruns?: components["schemas"]["RunLink"][];
            /** @description Of a run that was split over executors. */
            shardCounts?: components["schemas"]["ShardCounts"];
            /** @description The parts of a run that was split, and the one part of another while it is open. The first 1,000; in lists and events those of runs with at most 10, without their items. */
            shards?: components["schemas"]["Shard"][];
        };
        RunLink: {
            id: components["schemas"]["RunId"];
            job: components["schemas"]["Name"];
            state: components["schemas"]["RunState"];
            createdAt: components["schemas"]["Time"];
            /**
             * @description Of a child.
             * @enum {string}
             */
            moment?: "success" | "failure" | "completion";
        };
        /** @enum {string} */
        EndedRunState: "succeeded" | "failed" | "timed-out" | "cancelled" | "lost" | "skipped";
        RunPrune: {
            preview: boolean;
            /** @description Deleted; in a preview those that would be, counted up to 100,000. */
            runs: number;
            /** @description Left, because an open child is given their result, or because they were being deleted already. */
            spared: number;
            /** @description False: there are more. */
            done: boolean;
            /** @description In a preview. */
            oldest?: components["schemas"]["Run"];
            /** @description In a preview. */
            newest?: components["schemas"]["Run"];
            /** @description In a preview: sinks that do not have some of these runs yet and would miss them. The newest 10,000 are looked at. */
            undelivered?: {
                sink: components["schemas"]["Name"];
                runs: number;
            }[];
            /** @description In a preview: sinks, which keep what they were given of these runs; lists go on showing it from there. */
            keptBy?: components["schemas"]["Name"][];
        };
        /**
         * @description `ledger`, or `sink:<name>` where the ledger has let go of it and that sink was asked.
         * @example ledger
         * @example sink:archive
         */
        RunSource: string;
        RunPage: {
            items: components["schemas"]["Run"][];
            /** @description `sink:<name>` if at least one of them came from there. */
            source: components["schemas"]["RunSource"];
            /** @description Runs that the ledger let go are missing, or may be, because no sink gave them or the one that did was never given all: why. */
            incomplete?: string;
            /** @description Absent: this is the last page. */
            nextCursor?: string;
        };
        Shard: {
            index: number;
            /** @description What it works on. The same on every executor that takes it over. */
            items?: string[];
            state: components["schemas"]["ShardState"];
            attempts: number;
            /** @description The one that it is placed on, or that it ended on. */
            executor?: string;
            /** @description The only executor that may take it. */
            bound?: string;
            retryAt?: components["schemas"]["Time"];
            /** @description Once it has ended. */
            outcome?: components["schemas"]["AttemptOutcome"];
            error?: components["schemas"]["RunError"];
        };
        /**
         * @description `waiting`: for a retry, or for an executor with a free slot.
         * @enum {string}
         */
        ShardState: "waiting" | "running" | "succeeded" | "failed";
        ShardCounts: {
            total: number;
            waiting: number;
            running: number;
            succeeded: number;
            failed: number;
        };
        ShardPage: {
            items: components["schemas"]["Shard"][];
            /** @description Absent: this is the last page. */
            nextCursor?: string;
        };
        Attempt: {
            id: components["schemas"]["AttemptId"];
            run: components["schemas"]["RunId"];
            shard: number;
            ordinal: number;
            fencingToken: string;
            /** @description `-` for a target with a URL of its own. */
            executor: string;
            node: string;
            /** @enum {string} */
            state: "running" | "accepted" | "ended";
            startedAt: components["schemas"]["Time"];
            deadline?: components["schemas"]["Time"];
            acceptedAt?: components["schemas"]["Time"];
            /** @description When the first byte was handed to the network; absent when it never was. */
            sentAt?: components["schemas"]["Time"];
            endedAt?: components["schemas"]["Time"];
            /** @description Log index of the entry that ended it. */
            endIndex?: number;
            durationMs?: number;
            outcome?: components["schemas"]["AttemptOutcome"];
            /** @description HTTP status of the reply. */
            status?: number;
            /** @description What its handler gave back, for a part of a run that was split. Left out unless `shard` is asked for. */
            result?: unknown;
            error?: components["schemas"]["RunError"];
            /**
             * @description What was done about it.
             * @enum {string}
             */
            next?: "done" | "retry" | "failover" | "redispatch" | "queued";
            /** @description Where the lines that it logged are kept. */
            output?: {
                /** @description Ids of the members that were given them. */
                nodes: string[];
                lines: number;
            };
            progress?: components["schemas"]["Progress"];
            supersedes?: components["schemas"]["AttemptId"][];
            /** @description Until when it was accepted without a heartbeat; heartbeats renew it. */
            leaseUntil?: components["schemas"]["Time"];
            /** @description Results that came after it had ended. */
            late?: {
                outcome: components["schemas"]["AttemptOutcome"];
                at: components["schemas"]["Time"];
                /** @description JSON, at most 64 KiB. */
                result?: unknown;
                error?: components["schemas"]["RunError"];
            }[];
        };
        Notice: {
            /** @description Grows with every notice; `noticeId` of what is sent. */
            id: string;
            job: components["schemas"]["Name"];
            service: components["schemas"]["Name"];
            reason: components["schemas"]["SkipReason"];
            /** @description The run that did not start; absent for fires that a stretch covers. */
            run?: components["schemas"]["RunId"];
            fireTime: components["schemas"]["Time"];
            lastFireTime: components["schemas"]["Time"];
            /** @description Fires that it speaks of. */
            count: number;
            /**
             * @description Of a stretch: that it began, or that it is over and how many fires it has covered.
             * @enum {string}
             */
            stretch?: "began" | "ended";
            at: components["schemas"]["Time"];
            /** @enum {string} */
            state: "open" | "delivered" | "failed";
            /** @description Times that it was sent. */
            attempts: number;
            /** @description When it is sent again. */
            nextAt?: components["schemas"]["Time"];
            endedAt?: components["schemas"]["Time"];
            /** @description Why it was not taken the last time. */
            error?: string;
        };
        NoticePage: {
            items: components["schemas"]["Notice"][];
            /** @description Absent: this is the last page. */
            nextCursor?: string;
        };
        AttemptResult: {
            /**
             * @description `refused`: it was handed over and not started; `status` says why.
             * @enum {string}
             */
            outcome: "succeeded" | "failed" | "skipped" | "cancelled" | "timed-out" | "refused";
            /**
             * @description Of what is refused: as the answer to a call would have it. Absent: 503.
             * @enum {integer}
             */
            status?: 401 | 404 | 413 | 421 | 422 | 429 | 503;
            /** @description JSON; more than 64 KiB are cut, and kept as text. */
            result?: unknown;
            error?: {
                message: string;
                code?: string;
                name?: string;
                /** @description False: no retry and no failover. */
                retryable?: boolean;
                retryAfterMs?: number;
            };
            logs?: components["schemas"]["AttemptLine"][];
            /** @description How many lines the attempt had before `logs`: those that are known already are not kept again. */
            logsFrom?: number;
            progress?: components["schemas"]["AttemptProgress"];
        };
        AttemptHeartbeat: {
            /** @description How long from now the attempt may take. */
            extendMs?: number;
            progress?: components["schemas"]["AttemptProgress"];
        };
        AttemptProgress: {
            done: number;
            total?: number;
            note?: string;
        };
        AttemptLines: {
            lines: components["schemas"]["AttemptLine"][];
            /** @description How many lines the attempt had before these: those that are known already are not kept again. */
            from?: number;
        };
        AttemptLine: {
            /** Format: date-time */
            at: string;
            /** @enum {string} */
            level: "debug" | "info" | "warn" | "error";
            message: string;
        };
        AttemptAnswer: {
            /**
             * @description `cancel`: stop, nobody wants the result. `lease-lost`: the attempt has ended otherwise, and somebody else may be at the work.
             * @enum {string}
             */
            answer: "continue" | "cancel" | "lease-lost";
            /** @description Of a result that came after the attempt had ended; it is kept. */
            late?: boolean;
            /** @description How long the lease lasts without another heartbeat. */
            leaseTtlMs?: number;
            deadline?: components["schemas"]["Time"];
            /** @description What to report with from now on. */
            callback?: {
                token: string;
                expiresAt: components["schemas"]["Time"];
            };
        };
        AttemptPage: {
            items: components["schemas"]["Attempt"][];
            source: components["schemas"]["RunSource"];
            /** @description Absent: this is the last page. */
            nextCursor?: string;
        };
        Progress: {
            done: number;
            total?: number;
            note?: string;
        };
        LogLine: {
            attempt: components["schemas"]["AttemptId"];
            shard: number;
            at: components["schemas"]["Time"];
            /** @enum {string} */
            level: "debug" | "info" | "warn" | "error";
            message: string;
        };
        LogPage: {
            items: components["schemas"]["LogLine"][];
            /** @description Absent: this is the last page. */
            nextCursor?: string;
            /** @description Lines that are lost, or that nobody who has them hands out now, of attempts whose lines begin on this page; absent when there are none. */
            lost?: number;
        };
        Stretch: {
            /** @description Absent: it is still open. */
            id?: string;
            reason: components["schemas"]["SkipReason"];
            /** @description First fire. */
            from: components["schemas"]["Time"];
            /** @description Last fire. */
            to: components["schemas"]["Time"];
            /** @description Fires. */
            count: number;
            into?: components["schemas"]["RunId"];
        };
        StretchPage: {
            items: components["schemas"]["Stretch"][];
            /** @description Absent: this is the last page. */
            nextCursor?: string;
        };
        Explanation: {
            at: components["schemas"]["Time"];
            /**
             * @description `not-due`: no schedule names that instant. `undecided`: it is due and not decided yet. `not-started`: it became a run that ended before it began, cancelled or by `whenFull`.
             * @enum {string}
             */
            verdict: "ran" | "running" | "queued" | "not-started" | "skipped" | "undecided" | "will-fire" | "will-skip" | "not-due";
            /**
             * @description A sentence for people.
             * @example Skipped: the run of 14:55:00Z was still open and overlap is skip.
             */
            detail: string;
            reason?: components["schemas"]["SkipReason"];
            /** @description The field that decided, e.g. `overlap`. */
            rule?: string;
            fireTime?: components["schemas"]["Time"];
            schedules?: string[];
            run?: components["schemas"]["RunId"];
            stretch?: components["schemas"]["Stretch"];
            /** @description Index of the log entry that decided. Of what is still to come: the one that brought the schedules, or the pause. */
            entry?: number;
            /** @description Of a fire amid others that were skipped, which several entries decided: the last of them; `entry` is the first. */
            lastEntry?: number;
            /** @description The fire before, when nothing was due. */
            before?: components["schemas"]["Time"];
            /** @description The fire after, when nothing was due. */
            after?: components["schemas"]["Time"];
        };
        RunCounts: {
            succeeded: number;
            failed: number;
            "timed-out": number;
            cancelled: number;
            lost: number;
            skipped: number;
        };
        Buckets: {
            /** @description Upper bounds of all buckets but the last. */
            boundsMs: number[];
            counts: number[];
        };
        Stats: {
            from: components["schemas"]["Time"];
            to: components["schemas"]["Time"];
            /** @enum {string} */
            step: "hour" | "day" | "week" | "month";
            /** @description Whose clocks say when days begin. */
            zone: string;
            open: {
                queued: number;
                running: number;
            };
            /** @description Jobs by state now. */
            jobs: {
                active: number;
                paused: number;
                ended: number;
                quarantined: number;
            };
            totals: {
                runs: components["schemas"]["RunCounts"];
                /** @description Fires that stretches cover, besides skipped runs. */
                skippedFires: number;
                attempts: number;
                /** @description From first start to end, of all runs that started. */
                durationMs: number;
            };
            /** @description One point per step, oldest first, without gaps. */
            series: {
                at: components["schemas"]["Time"];
                runs: components["schemas"]["RunCounts"];
                skippedFires: number;
                attempts: number;
                /** @description Estimated within its bucket; absent when nothing started. */
                latenessP50Ms?: number;
                latenessP95Ms?: number;
                durationP50Ms?: number;
                /** @description At least this much when it is 3600000. */
                durationP95Ms?: number;
            }[];
            lateness: components["schemas"]["Buckets"];
            duration: components["schemas"]["Buckets"];
        };
        TopJobs: {
            /** @enum {string} */
            by: "failure-rate" | "lateness" | "duration-trend";
            from: components["schemas"]["Time"];
            to: components["schemas"]["Time"];
            /** @description Of a trend, when the window that it compares with begins; it ends at `from`. */
            beforeFrom?: components["schemas"]["Time"];
            zone: string;
            minRuns: number;
            items: components["schemas"]["TopJob"][];
        };
        TopJob: {
            namespace: string;
            job: string;
            state: components["schemas"]["JobState"];
            /** @description That succeeded, failed, timed out or were lost. */
            runs: number;
            succeeded: number;
            /** @description That failed, timed out or were lost. */
            failed: number;
            /** @description Of `runs`, from 0 to 1. */
            failureRate: number;
            latenessP95Ms?: number;
            durationP95Ms?: number;
            durationMeanMs?: number;
            durationMeanBeforeMs?: number;
            /** @description Mean duration over that of the window before: 2 is twice as long. */
            durationTrend?: number;
        };
        /** @example lse_Zx81kQ0Jm2dF */
        LeaseId: string;
        /**
         * @description Decimal; grows over the whole cluster.
         * @example 184467
         */
        FencingToken: string;
        KeyMeta: {
            key: string;
            /** @description Log index at which the key came into being. */
            createIndex: number;
            /** @description Log index of the last put; the ETag. */
            modIndex: number;
            /** @description Puts since the key came into being. */
            version: number;
            lease?: components["schemas"]["LeaseId"];
        };
        Key: {
            key: string;
            /** @description Base64; absent with `keysOnly`. */
            value?: string;
            contentType: string;
            createIndex: number;
            modIndex: number;
            version: number;
            lease?: components["schemas"]["LeaseId"];
        };
        KeyPage: {
            items: components["schemas"]["Key"][];
            nextCursor?: string;
        };
        LeaseRequest: {
            ttl: components["schemas"]["Duration"];
        };
        Lease: {
            id: components["schemas"]["LeaseId"];
            ttlMs: number;
            createdAt: components["schemas"]["Time"];
            createdBy: string;
            /** @description Keys that go with it. */
            keys: number;
            /** @description Locks and elections in which it holds or waits. */
            claims: number;
        };
        LeasePage: {
            items: components["schemas"]["Lease"][];
            nextCursor?: string;
        };
        /** @description Exactly one of `lease` and `ttl`. */
        ClaimRequest: {
            lease?: components["schemas"]["LeaseId"];
            ttl?: components["schemas"]["Duration"];
            wait?: components["schemas"]["Duration"];
            /** @description Only with `lease`. */
            keepPlace?: boolean;
        };
        /** @description Exactly one of `lease` and `ttl`. */
        CandidateRequest: {
            lease?: components["schemas"]["LeaseId"];
            ttl?: components["schemas"]["Duration"];
            wait?: components["schemas"]["Duration"];
            /** @description Only with `lease`. */
            keepPlace?: boolean;
            /** @description What others read of the leader. */
            value?: string;
        };
        Claim: {
            name: string;
            lease: components["schemas"]["LeaseId"];
            /** @description Of the lease; keep it alive well within it. */
            ttlMs: number;
            held: boolean;
            fencingToken?: components["schemas"]["FencingToken"];
            /** @description Claims before it, the holder included; absent when it is held. */
            before?: number;
        };
        LockHolder: {
            lease: components["schemas"]["LeaseId"];
            by: string;
            since: components["schemas"]["Time"];
            fencingToken: components["schemas"]["FencingToken"];
            value?: string;
        };
        LockWaiter: {
            lease: components["schemas"]["LeaseId"];
            by: string;
            since: components["schemas"]["Time"];
            value?: string;
        };
        Lock: {
            name: string;
            holder?: components["schemas"]["LockHolder"];
            /** @description Who waits */
            queue: components["schemas"]["LockWaiter"][];
        };
        Election: {
            name: string;
            leader?: components["schemas"]["LockHolder"];
            /** @description Who would lead next */
            queue: components["schemas"]["LockWaiter"][];
        };
        LockEvent: {
            name: string;
            index: number;
            holder?: components["schemas"]["LockHolder"];
        };
        /** @description Data of `run.queued`, `run.started`, `run.ended`, `run.skipped`. */
        RunEvent: {
            namespace: components["schemas"]["Name"];
            job: components["schemas"]["Name"];
            run: components["schemas"]["Run"];
        };
        /** @description Data of `alert.raised` and `alert.ended`. */
        AlertEvent: {
            /** @description Absent for one of the cluster. */
            namespace?: components["schemas"]["Name"];
            alert: components["schemas"]["Alert"];
        };
        /** @description Data of `job.changed` and `job.deleted`. */
        JobEvent: {
            namespace: components["schemas"]["Name"];
            job: components["schemas"]["Name"];
            version?: number;
            state?: components["schemas"]["JobState"];
            nextFire?: components["schemas"]["Time"];
        };
        Status: {
            cluster: string;
            node: string;
            /** @enum {string} */
            role: "leader" | "follower" | "none";
            leader?: string;
            index: number;
            version: string;
            now: components["schemas"]["Time"];
            startedAt: components["schemas"]["Time"];
            /** @description Present while the whole scheduler is paused. */
            paused?: components["schemas"]["Paused"];
            counts: {
                namespaces: number;
                services: number;
                executors: number;
                jobs: number;
                queued: number;
                running: number;
            };
            dispatcher: {
                /** @description Calls under way. */
                inFlight: number;
                /** @description Calls that wait for a permit. */
                waiting: number;
                concurrencyMax: number;
            };
            /** @description What this process has done since it started. */
            log: {
                /** @description Commands made durable. */
                entries: number;
                /** @description Synced writes that carried them. */
                syncs: number;
                /** @description Bytes of commands. */
                bytes: number;
                /** @description Runs that ended. */
                runsEnded: number;
            };
            /** @description Event streams open on this node. */
            streams: number;
            /** @description When the next job is due. */
            nextDue?: components["schemas"]["Time"];
        };
        Queues: {
            /** @description Name of the member whose queues these are. */
            leader: string;
            now: components["schemas"]["Time"];
            /** @description What is to be placed, by kind and by where it is: `ready` for a worker, `out` with one, `delayed` until its next delivery, `behind` another of its job, `blocked` until something frees. */
            evaluations: {
                kind: string;
                /** @enum {string} */
                state: "ready" | "out" | "delayed" | "behind" | "blocked";
                count: number;
                /** @description Since when the first of them is there. */
                oldestAt?: components["schemas"]["Time"];
            }[];
            /** @description Missed fires that may start in a second. */
            catchUpPerSecond: number;
            /** @description Workers by node, counted since the leader took office. */
            nodes: components["schemas"]["WorkerFigures"][];
            /** @description Queued runs. */
            waiting: components["schemas"]["WaitingRuns"][];
        };
        WorkerFigures: {
            /** @description Name of the member. */
            node: string;
            /** @description Workers that ask for evaluations. */
            workers: number;
            /** @description Evaluations that they have now. */
            out: number;
            /** @description Evaluations that they were given. */
            taken: number;
            /** @description Evaluations given back undone. */
            nacked: number;
            /** @description Evaluations not heard of before their deadline. */
            lapsed: number;
            /** @description Shards of their plans that were placed. */
            placed: number;
            /** @description Shards of their plans that the newest state refused. */
            refused: number;
        };
        WaitingRuns: {
            namespace: components["schemas"]["Name"];
            /** @description Absent for targets with a URL of their own. */
            service?: components["schemas"]["Name"];
            priority: number;
            runs: number;
            /** @description Those among them that make up for missed fires and are paced. */
            catchUp: number;
            /** @description When the first of them was made. */
            oldestAt: components["schemas"]["Time"];
        };
        /**
         * @description `waiting` holds no slot.
         * @enum {string}
         */
        MapState: "running" | "accepted" | "retrying" | "waiting";
        /** @example 00000000a1 */
        AlertId: string;
        /**
         * @description Where messages go. `email`: `host`, `from` and `to`. `webhook`: `url`, signed by Standard Webhooks. `slack`, `dingtalk`,
         *     `feishu` and `wecom`: the `url` of an incoming webhook, which is a secret; the bots of DingTalk and Feishu may have a
         *     `secret` that signs.
         */
        ChannelTarget: {
            /** @enum {string} */
            kind: "email" | "webhook" | "slack" | "dingtalk" | "feishu" | "wecom";
            host?: string;
            /** @description Default is 587, or 465 for `tls`. */
            port?: number;
            /**
             * @description Default is `starttls`, which is refused where the server does not offer it. Certificates are verified.
             * @enum {string}
             */
            security?: "starttls" | "tls" | "none";
            user?: string;
            /** @description Never returned. Empty for none. */
            password?: string;
            /** @example cronclave@example.com */
            from?: string;
            to?: string[];
            /** @description Sealed, and never returned: often it is a secret. Absent: the one that there is stays. */
            url?: string;
            /** @description Never returned, but once where it was generated. For a `webhook`: `whsec_` and base64 of 24 to 64 bytes. */
            secret?: string;
        };
        ChannelDefinition: {
            /** @description The name in the path. */
            name?: components["schemas"]["Name"];
            target: components["schemas"]["ChannelTarget"];
            /**
             * @description Messages within a window; what is more is summed up in one when it is over.
             * @default 10
             */
            messagesMax: number;
            /**
             * @description 1 s to 1 d.
             * @default 1m
             */
            window: components["schemas"]["Duration"];
            /** @description In place of the usual words. */
            template?: components["schemas"]["AlertTemplate"];
        };
        /**
         * @description Words with placeholders: `{{title}}` `{{summary}}` `{{kind}}` `{{cluster}}` `{{channel}}` `{{rule}}` `{{subject}}`
         *     `{{subjectKind}}` `{{namespace}}` `{{since}}` `{{until}}` `{{count}}` `{{run}}` `{{link}}`. What an alert does not have is empty.
         */
        AlertTemplate: {
            title?: string;
            body?: string;
        };
        ResolvedChannelTarget: {
            /** @enum {string} */
            kind: "email" | "webhook" | "slack" | "dingtalk" | "feishu" | "wecom";
            host?: string;
            port?: number;
            /** @enum {string} */
            security?: "starttls" | "tls" | "none";
            user?: string;
            from?: string;
            to?: string[];
            /** @description Of a `webhook`: scheme and host of its URL. */
            origin?: string;
        };
        Channel: {
            uid: number;
            /** @description Absent for a channel of the cluster. */
            namespace?: components["schemas"]["Name"];
            name: components["schemas"]["Name"];
            target: components["schemas"]["ResolvedChannelTarget"];
            /** @description Which secrets there are. */
            secrets: ("password" | "secret" | "url")[];
            messagesMax: number;
            window: components["schemas"]["Duration"];
            /** @description Messages that are not delivered yet. */
            open: number;
            template?: components["schemas"]["AlertTemplate"];
            /** @description What began or ended in this window and waits for the summary. */
            heldBack?: number;
            /** @description Since when nothing could be delivered. */
            trouble?: {
                since: components["schemas"]["Time"];
                error: string;
            };
            version: number;
            createdAt: components["schemas"]["Time"];
            updatedAt: components["schemas"]["Time"];
            createdBy: string;
        };
        ChannelWithSecret: {
            channel: components["schemas"]["Channel"];
            /** @description The secret that was generated; shown in this reply only. */
            secret?: string;
        };
        ChannelPage: {
            items: components["schemas"]["Channel"][];
            nextCursor?: string;
        };
        RecipientList: {
            items: string[];
        };
        AlertMessage: {
            id: number;
            /** @description Its name; `cluster/` before that of a channel of the cluster where a namespace is told about. */
            channel?: string;
            /** @enum {string} */
            kind: "firing" | "resolved" | "repeated" | "summary" | "test";
            alert?: components["schemas"]["AlertId"];
            /** @description Some of those that a summary stands for. */
            alerts?: components["schemas"]["AlertId"][];
            /** @description How many began that a summary stands for. */
            firing?: number;
            /** @description How many ended that a summary stands for. */
            resolved?: number;
            from?: components["schemas"]["Time"];
            to?: components["schemas"]["Time"];
            /** @description Who asked for a test. */
            by?: string;
            at: components["schemas"]["Time"];
            /** @enum {string} */
            state: "open" | "delivered" | "failed";
            attempts: number;
            nextAt?: components["schemas"]["Time"];
            endedAt?: components["schemas"]["Time"];
            error?: string;
        };
        AlertMessagePage: {
            items: components["schemas"]["AlertMessage"][];
            nextCursor?: string;
        };
        /** @description What a rule watches. Empty is the namespace, or for a rule of the cluster all of it. A rule ends with what it watches. */
        AlertScope: {
            /** @description For rules of the cluster only. */
            namespace?: components["schemas"]["Name"];
            service?: components["schemas"]["Name"];
            job?: components["schemas"]["Name"];
        };
        /**
         * @description When a rule fires, once for each job, executor, node and so on. Fields by kind: `run-ended` states, count, window;
         *     `failures-in-row` count; `missed` reasons, count, window; `not-started` and `not-finished` cron, zone, within; `slow`
         *     duration; `late` lateness; `executor-gone`, `service-gone`, `node-gone`, `no-leader`, `sink-gone` and `channel-failing`
         *     for; `certificate-ends` and `token-ends` before. Those about nodes, sinks, channels, disks, clocks, certificates and
         *     tokens are for rules of the cluster.
         */
        AlertCondition: {
            /** @enum {string} */
            kind: "run-ended" | "failures-in-row" | "missed" | "not-started" | "not-finished" | "slow" | "late" | "stopped" | "executor-gone" | "service-gone" | "signature-refused" | "node-gone" | "no-leader" | "sink-gone" | "sink-gap" | "channel-failing" | "disk-full" | "clock-skew" | "certificate-ends" | "token-ends";
            /** @description Default is failed, timed-out, lost. */
            states?: ("failed" | "timed-out" | "cancelled" | "lost")[];
            /** @description Default is misfire-threshold, no-slot, no-executor, expired, quarantined. */
            reasons?: ("misfire-threshold" | "coalesced" | "overlap" | "max-concurrent" | "paused" | "outside-window" | "dst-gap" | "no-slot" | "no-executor" | "expired" | "quarantined")[];
            /** @description Default is 1, for `failures-in-row` 3. */
            count?: number;
            /** @description Default is 1h. */
            window?: components["schemas"]["Duration"];
            /** @description At each of these instants it must have started, or succeeded, … */
            cron?: string;
            /** @description Default is UTC. */
            zone?: string;
            /** @description … within so long before. Default is 1d. */
            within?: components["schemas"]["Duration"];
            duration?: components["schemas"]["Duration"];
            lateness?: components["schemas"]["Duration"];
            /** @description Default is 1m. */
            for?: components["schemas"]["Duration"];
            /** @description Default is 14d. */
            before?: components["schemas"]["Duration"];
        };
        AlertRuleDefinition: {
            /** @description The name in the path. */
            name?: components["schemas"]["Name"];
            scope?: components["schemas"]["AlertScope"];
            condition: components["schemas"]["AlertCondition"];
            /**
             * @description Names of channels; `cluster/` before those of the cluster.
             * @default []
             */
            channels: string[];
            /**
             * @description Also tell when it is over.
             * @default true
             */
            notifyResolved: boolean;
            /** @description Tell again while it goes on; 1 m to 31 d. Never when absent. */
            repeatEvery?: components["schemas"]["Duration"];
            /** @default true */
            enabled: boolean;
        };
        AlertRule: {
            uid: number;
            /** @description Absent for a rule of the cluster. */
            namespace?: components["schemas"]["Name"];
            name: components["schemas"]["Name"];
            scope: components["schemas"]["AlertScope"];
            condition: components["schemas"]["AlertCondition"];
            channels: string[];
            notifyResolved: boolean;
            repeatEvery?: components["schemas"]["Duration"];
            enabled: boolean;
            /** @description Alerts of it that go on. */
            firing: number;
            version: number;
            createdAt: components["schemas"]["Time"];
            updatedAt: components["schemas"]["Time"];
            createdBy: string;
        };
        AdvisedAlertRule: {
            name: components["schemas"]["Name"];
            condition: components["schemas"]["AlertCondition"];
        };
        AlertRulePage: {
            items: components["schemas"]["AlertRule"][];
            /**
             * @description Of the cluster, on the first page: rules about what goes unsaid, because there is none that is in force everywhere.
             *     A rule of that name that is disabled says that it is meant to.
             */
            advised?: components["schemas"]["AdvisedAlertRule"][];
            nextCursor?: string;
        };
        AlertSubject: {
            /** @enum {string} */
            kind: "job" | "executor" | "service" | "node" | "sink" | "channel" | "certificate" | "token" | "cluster";
            id: string;
            name: string;
            namespace?: string;
        };
        /** @description From when a rule fires for something until it is over. */
        Alert: {
            id: components["schemas"]["AlertId"];
            /** @description Of the rule; absent for one of the cluster. */
            namespace?: components["schemas"]["Name"];
            /** @description Its name when it fired. */
            rule: string;
            ruleUid: number;
            subject: components["schemas"]["AlertSubject"];
            /** @enum {string} */
            state: "firing" | "resolved";
            since: components["schemas"]["Time"];
            resolvedAt?: components["schemas"]["Time"];
            /**
             * @description Why it is over, where it did not get well.
             * @enum {string}
             */
            closed?: "subject-gone" | "rule-changed";
            /** @description Times that it happened. */
            count: number;
            lastAt: components["schemas"]["Time"];
            summary: string;
            /** @description Id of the run that it began with. */
            run?: string;
            lastRun?: string;
            /** @description Id of the silence that it began under. */
            silence?: string;
            /** @description When channels were told last. Absent when nobody was. */
            toldAt?: components["schemas"]["Time"];
        };
        AlertPage: {
            items: components["schemas"]["Alert"][];
            nextCursor?: string;
        };
        AlertDetail: {
            alert: components["schemas"]["Alert"];
            /** @description What channels were told of it alone, oldest first. */
            messages: components["schemas"]["AlertMessage"][];
        };
        /** @description What is silenced; several narrow it down, none is everything. */
        SilenceMatch: {
            rule?: components["schemas"]["Name"];
            job?: components["schemas"]["Name"];
            service?: components["schemas"]["Name"];
            /** @description Name or id of a member. For silences of the cluster only. */
            node?: string;
        };
        SilenceDefinition: {
            match?: components["schemas"]["SilenceMatch"];
            /** @description Default is now. */
            from?: components["schemas"]["Time"];
            /** @description This or `for`; at most 366 d ahead. */
            until?: components["schemas"]["Time"];
            for?: components["schemas"]["Duration"];
            reason: string;
        };
        Silence: {
            id: components["schemas"]["AlertId"];
            namespace?: components["schemas"]["Name"];
            match: {
                rule?: string;
                job?: string;
                service?: string;
                node?: string;
            };
            from: components["schemas"]["Time"];
            until: components["schemas"]["Time"];
            reason: string;
            createdBy: string;
        };
        SilencePage: {
            items: components["schemas"]["Silence"][];
            nextCursor?: string;
        };
        SinkDefinition: {
            /** @description The name in the path when absent. */
            name?: components["schemas"]["Name"];
            /**
             * @description MySQL and what speaks its protocol: MariaDB, TiDB, Vitess.
             * @default mysql
             * @enum {string}
             */
            kind: "mysql";
            host: string;
            /** @default 3306 */
            port: number;
            user: string;
            /** @description Sealed, and never returned. Absent: the one that there is stays. Empty: none. */
            password?: string;
            /** @description It has to exist. */
            database: string;
            /**
             * @description `verify`: only over TLS, the certificate verified. `off`: in clear.
             * @default verify
             * @enum {string}
             */
            tls: "verify" | "off";
            /** @description PEM: certificates of those who may have signed that of the server. Absent: those that there are stay, or whom Node trusts. Empty: none. */
            ca?: string;
            /**
             * @description Begins the names of all tables.
             * @default cronclave_
             */
            tablePrefix: string;
        };
        /** @description A place in the order of the ledger. */
        Sequence: {
            /** @description Of the entry of the log. */
            index: number;
            /** @description Of the row among those of the entry. */
            ordinal: number;
        };
        Sink: {
            name: components["schemas"]["Name"];
            /** @enum {string} */
            kind: "mysql";
            host: string;
            port: number;
            user: string;
            hasPassword: boolean;
            database: string;
            /** @enum {string} */
            tls: "verify" | "off";
            /** @description PEM: who may have signed the certificate of the server. Absent: whom Node trusts. */
            ca?: string;
            tablePrefix: string;
            /**
             * @description `file`: the configuration file names it, and puts it back at the next start of a leader.
             * @enum {string}
             */
            origin: "api" | "file";
            /** @enum {string} */
            state: "delivering" | "failing" | "paused";
            /** @description Since when nothing could be delivered, and why. */
            trouble?: {
                since: components["schemas"]["Time"];
                error: string;
            };
            /** @description What was wrong last and is over, with when rows got through again or it was paused. */
            lastTrouble?: {
                since: components["schemas"]["Time"];
                until: components["schemas"]["Time"];
                error: string;
            };
            /** @description Every row up to this one is there, or in a gap. */
            cursor: components["schemas"]["Sequence"];
            /** @description Delivered so far, those again that were delivered again. */
            rows: number;
            /** @description Rows up to this one are delivered again; the cursor was set back for them. */
            resending?: components["schemas"]["Sequence"];
            /** @description Rows that left the ledger before they were delivered; the oldest are merged beyond 100. */
            gaps: components["schemas"]["SinkGap"][];
            /** @description Rows of all gaps. */
            gapRows: number;
            delivery?: components["schemas"]["SinkDelivery"];
            version: number;
            createdAt: components["schemas"]["Time"];
            updatedAt: components["schemas"]["Time"];
            createdBy: string;
        };
        SinkGap: {
            from: components["schemas"]["Sequence"];
            /** @description Included. */
            to: components["schemas"]["Sequence"];
            count: number;
            /** @description When they left the ledger. */
            at: components["schemas"]["Time"];
        };
        /** @description One of `from` and `fromSequence` is needed. */
        SinkResend: {
            /** @description Rows that ended then or later. */
            from?: components["schemas"]["Time"];
            /** @description This row, and those behind it. */
            fromSequence?: components["schemas"]["Sequence"];
            /** @description Rows that ended before. Absent: all that were delivered. */
            to?: components["schemas"]["Time"];
            /**
             * @description Deliver nothing.
             * @default false
             */
            preview: boolean;
        };
        SinkResendReport: {
            preview: boolean;
            /** @description Rows of the range that the ledger has; 100000 are counted at most. */
            rows: number;
            /** @description There are more than were counted. */
            more: boolean;
            /** @description The rows behind this place. Absent where there are none. */
            after?: components["schemas"]["Sequence"];
            /** @description The last of them, included. */
            upTo?: components["schemas"]["Sequence"];
            /** @description Rows of the range that have left the ledger: whoever lost those has lost them. The last are merged beyond 100. */
            gaps: {
                after: components["schemas"]["Sequence"];
                before: components["schemas"]["Sequence"];
                count: number;
            }[];
            /** @description Rows of all gaps. */
            gapRows: number;
        };
        /** @description What the leader measures. Absent while there is none. */
        SinkDelivery: {
            /** @description Rows of the ledger that it does not have yet. */
            lagRows: number;
            /** @description Age of the oldest of them. */
            lagMs: number;
            /** @description Delivered over the last seconds. */
            rowsPerSecond: number;
            /** @description While it is given the rows that were there before it. */
            backfill?: {
                done: number;
                total: number;
            };
        };
        SinkPage: {
            items: components["schemas"]["Sink"][];
            /** @description Absent: this is the last page. */
            nextCursor?: string;
        };
        SinkTest: {
            ok: boolean;
            /** @description What the server says that it is, and its version. */
            server?: string;
            /** @description In the order in which they were tried; the first that fails is the last. */
            steps: {
                /** @enum {string} */
                step: "connect" | "tls" | "login" | "database" | "tables" | "write";
                ok: boolean;
                /** @description What was found. */
                detail?: string;
                /** @description What to do about it. */
                nextStep?: string;
            }[];
            tookMs: number;
        };
        SinkProgress: {
            /**
             * @description What is being read.
             * @enum {string}
             */
            phase: "ledger" | "sink";
            /** @description Rows that were counted so far. */
            rows: number;
        };
        SinkReport: {
            equal: boolean;
            /** @description The last row that was compared. */
            upTo: components["schemas"]["Sequence"];
            /** @description Hours that were compared. */
            hours: number;
            /** @description Rows of the ledger that were compared. */
            rows: number;
            /** @description The oldest hours first. */
            differences: components["schemas"]["SinkDifference"][];
            /** @description Differences that are not listed. */
            more: number;
        };
        SinkDifference: {
            hour: components["schemas"]["Time"];
            /** @enum {string} */
            kind: "run" | "attempt" | "stretch" | "late-result";
            /** @description Rows that were looked at. */
            ledger: number;
            /** @description Of those, rows that the sink has as they are: the others are missing there, or are not what they were. */
            sink: number;
            /** @description Rows that the sink has and the ledger never had. Absent: none. */
            extra?: number;
        };
        /** @description A shard of an open run. */
        MapRun: {
            run: components["schemas"]["RunId"];
            job: components["schemas"]["Name"];
            state: components["schemas"]["MapState"];
            /** @description Start of its attempt; when the run was made, if it waits. */
            since: components["schemas"]["Time"];
            /** @description Index of the shard of a run that has several. */
            shard?: number;
            /** @description How many the run has. */
            shards?: number;
            /** @description Requests made so far. */
            attempts?: number;
            priority?: number;
            retryAt?: components["schemas"]["Time"];
        };
        MapSlots: {
            /** @description 0: no limit. */
            slots: number;
            held: number;
            /** @description Absent where there is no limit. */
            free?: number;
        };
        MapExecutor: {
            /** @description `-` stands for targets with a URL of their own. */
            id: string;
            status: components["schemas"]["ExecutorStatus"];
            /** @description Its circuit breaker keeps traffic away until then. */
            openUntil?: components["schemas"]["Time"];
            /**
             * @description Its health check finds it unwell: it gets no new work.
             * @enum {string}
             */
            health?: "unhealthy";
            weight?: number;
            slots: components["schemas"]["MapSlots"];
            /** @description What is in its slots, the oldest first. */
            runs: components["schemas"]["MapRun"][];
            /** @description Shards that are not named because of a filter or `limit`. */
            more: number;
        };
        MapService: {
            /** @description Absent for targets with a URL of their own. */
            name?: components["schemas"]["Name"];
            /** @description Of its executors that are online; no limit if one of them has none. */
            slots: components["schemas"]["MapSlots"];
            /** @description Shards that hold a slot. */
            running: number;
            /** @description Shards that wait for one. */
            waiting: number;
            executors: components["schemas"]["MapExecutor"][];
            /** @description Executors beyond 2,000 in the whole map. */
            moreExecutors: number;
            /** @description What waits, what leaves first before the others. */
            runs: components["schemas"]["MapRun"][];
            /** @description Waiting shards that are not named. */
            more: number;
        };
        MapNamespace: {
            name: components["schemas"]["Name"];
            /** @description Its quota. */
            slots: components["schemas"]["MapSlots"];
            running: number;
            waiting: number;
            services: components["schemas"]["MapService"][];
        };
        JobMap: {
            now: components["schemas"]["Time"];
            /** @description Quotas of the namespaces shown. */
            slots: components["schemas"]["MapSlots"];
            /** @description Shards that hold a slot. */
            running: number;
            /** @description Shards that wait for one. */
            waiting: number;
            /** @description Shards that the map names. */
            named: number;
            /** @description Shards that match and are not named because of `limit`. */
            more: number;
            namespaces: components["schemas"]["MapNamespace"][];
        };
        Cluster: {
            /** @description Id of the cluster. */
            cluster: string;
            /** @description Name of the member that answers. */
            node: string;
            /** @description Name of the member that leads; absent while there is none. */
            leader?: string;
            term: number;
            /** @description Last entry that the node that answers has applied. */
            index: number;
            /** @description Last entry that it knows to be committed. */
            commit: number;
            /** @description Version of the vocabulary that every member knows. */
            clusterVersion: number;
            now: components["schemas"]["Time"];
            /** @description Voters that may fail before nothing can be committed; negative: so many are missing. */
            tolerates: number;
            /** @description A change of several members at once is under way. */
            changing: boolean;
            members: components["schemas"]["ClusterMember"][];
            alarms: components["schemas"]["ClusterAlarm"][];
        };
        ClusterMember: {
            /** @description Drawn once and never used again. */
            id: string;
            name: string;
            /** @description Of its peer port, host:port; empty until it has joined. */
            address: string;
            apiUrl?: string;
            /** @enum {string} */
            state: "voter" | "learner" | "joining" | "leaving";
            /** @enum {string} */
            role: "leader" | "follower" | "candidate" | "learner" | "unknown";
            addedAt: components["schemas"]["Time"];
            joinedAt?: components["schemas"]["Time"];
            joinBy?: components["schemas"]["Time"];
            /** @description It is not promoted by itself. */
            staysLearner?: boolean;
            /** @description Why it does not answer. */
            fault?: string;
            /** @description Entries that it lacks. */
            lag?: number;
            /** @description Since the leader heard of it. */
            lastContactMs?: number;
            /** @enum {string} */
            replication?: "probe" | "replicate" | "snapshot";
            status?: components["schemas"]["ClusterMemberStatus"];
        };
        /** @description What the member says of itself; absent when it does not answer. */
        ClusterMemberStatus: {
            term: number;
            commit: number;
            applied: number;
            firstIndex: number;
            lastIndex: number;
            /** @description Since its process started. */
            leaderChanges: number;
            /** @description That it stood for, since its process started. */
            elections?: number;
            /** @description How often each alarm of its own began since its process started. */
            alarmsRaised?: {
                [key: string]: number;
            };
            databaseBytes: number;
            logBytes: number;
            version: string;
            /** @description Highest that its build knows. */
            clusterVersion: number;
            tzdata: string;
            startedAt: components["schemas"]["Time"];
        };
        ClusterAlarm: {
            /** @enum {string} */
            code: "no-leader" | "member-unreachable" | "member-lags" | "quorum-at-risk" | "tzdata-older" | "cluster-version-held" | "state-diverged" | "clock-skewed" | "firing-paused" | "disk-full" | "disk-slow" | "loop-slow";
            /** @description Whom it is about; absent: the cluster. */
            member?: string;
            detail: string;
        };
        ClusterHealth: {
            /** @description There is a leader with a majority behind it. */
            healthy: boolean;
            leader?: string;
            tolerates: number;
            alarms: components["schemas"]["ClusterAlarm"][];
        };
        ClusterHash: {
            /** @description At which all were taken. */
            index: number;
            /** @description All that answered have the same state. */
            equal: boolean;
            members: {
                name: string;
                /** @description SHA-256, hexadecimal. */
                hash?: string;
                rows?: number;
                /** @description Why there is no hash. */
                fault?: string;
            }[];
        };
        ClusterCompact: {
            /**
             * @description Entries that stay.
             * @default 10000
             */
            keep: number;
        };
        ClusterCompacted: {
            members: {
                name: string;
                /** @description First entry that is left. */
                firstIndex?: number;
                /** @description Size of the log on disk. */
                logBytes?: number;
                /** @description Why nothing is known of it. */
                fault?: string;
            }[];
        };
        MemberAdd: {
            name: string;
            /**
             * @description It is not to vote until it is promoted by hand.
             * @default false
             */
            learner: boolean;
        };
        MemberAdded: {
            member: components["schemas"]["ClusterMember"];
            /** @description Good once; shown here only. */
            token: string;
            expiresAt: components["schemas"]["Time"];
        };
        MemberUpdate: {
            name?: string;
            address?: string;
        };
        MemberReplace: {
            /** @description Name or id of the learner. */
            by: string;
        };
        LeadershipTransfer: {
            /** @description Name or id of a voter. */
            to?: string;
        };
        LeadershipTransferred: {
            /** @description Who leads now, as far as is known yet. */
            leader?: string;
        };
        RunDispatch: {
            /** @constant */
            type: "run.dispatch";
            timestamp: components["schemas"]["Time"];
            data: {
                cluster: string;
                namespace: string;
                service: string;
                executor: string;
                job: string;
                handler: string;
                runId: components["schemas"]["RunId"];
                attemptId: components["schemas"]["AttemptId"];
                /** @description Attempts of unknown outcome that this one stands for. */
                supersedes: components["schemas"]["AttemptId"][];
                /** @description From 1. */
                attempt: number;
                maxAttempts: number;
                trigger: components["schemas"]["Cause"];
                /**
                 * @description In the zone of the schedule.
                 * @example 2026-11-20T23:00:00+08:00
                 */
                fireTime: string;
                lastFireTime?: string;
                deadline: components["schemas"]["Time"];
                shard: {
                    index: number;
                    total: number;
                    items?: string[];
                };
                params: components["schemas"]["Params"];
                /** @description The run whose end started this one, and what it gave back: up to 64 KiB of JSON; of a split run the list of its parts' results. */
                parent?: {
                    runId: components["schemas"]["RunId"];
                    /** @description Any JSON. */
                    result: unknown;
                } | null;
                /** @description Only ever grows. */
                fencingToken: string;
                callback?: {
                    url: string;
                    token: string;
                    expiresAt: components["schemas"]["Time"];
                };
                /**
                 * @description `auto`: answer 200 with the outcome when that takes less than `waitMs`, else 202 and report it to `callback`; an
                 *     executor that cannot go on after its answer takes as long as it needs. `sync`: there is no callback. What a
                 *     poll brought has `waitMs` 0, and nobody to answer: its outcome is always reported.
                 */
                respond: {
                    /** @enum {string} */
                    mode: "auto" | "sync";
                    waitMs: number;
                };
            };
        };
        RunResult: {
            /** @constant */
            type: "run.result";
            timestamp: components["schemas"]["Time"];
            data: {
                runId: components["schemas"]["RunId"];
                attemptId: components["schemas"]["AttemptId"];
                /** @enum {string} */
                outcome: "succeeded" | "failed" | "skipped" | "cancelled" | "timed-out";
                /** @description JSON, at most 64 KiB. */
                result?: unknown;
                error?: {
                    name?: string;
                    message: string;
                    code?: string;
                    retryable?: boolean;
                    retryAfterMs?: number;
                };
                logs?: {
                    at: components["schemas"]["Time"];
                    /** @enum {string} */
                    level: "debug" | "info" | "warn" | "error";
                    message: string;
                }[];
                progress?: components["schemas"]["Progress"];
            };
        };
        RunAccepted: {
            /** @constant */
            accepted: true;
            leaseTtlMs: number;
        };
        RunCancel: {
            /** @constant */
            type: "run.cancel";
            timestamp: components["schemas"]["Time"];
            data: {
                cluster: string;
                namespace: string;
                service: string;
                executor: string;
                runId: components["schemas"]["RunId"];
                attemptId: components["schemas"]["AttemptId"];
                /** @enum {string} */
                reason: "cancelled" | "timed-out";
            };
        };
        RunCancelled: {
            /** @constant */
            type: "run.cancelled";
            timestamp?: components["schemas"]["Time"];
            data: {
                attemptId: components["schemas"]["AttemptId"];
                /** @description Whether it was running here. */
                known: boolean;
            };
        };
        RunSkipped: {
            /** @constant */
            type: "run.skipped";
            timestamp: components["schemas"]["Time"];
            data: {
                cluster: string;
                namespace: string;
                service: string;
                executor: string;
                noticeId: string;
                job: string;
                runId?: components["schemas"]["RunId"];
                reason: components["schemas"]["SkipReason"];
                fireTime: components["schemas"]["Time"];
                lastFireTime: components["schemas"]["Time"];
                count: number;
                /** @enum {string} */
                stretch?: "began" | "ended";
            };
        };
        /** @description What a webhook is told of an alert. Texts are plain, without control characters, and within bounds. */
        AlertTold: {
            /** @enum {string} */
            type: "alert.fired" | "alert.repeated" | "alert.resolved" | "alert.summary" | "alert.test";
            timestamp: components["schemas"]["Time"];
            data: {
                cluster: string;
                /** @description The same for all messages of one alert. */
                key: string;
                title: string;
                summary: string;
                rule?: string;
                subject?: components["schemas"]["AlertSubject"];
                /** @description Times that it happened; of a summary, alerts that began. */
                count?: number;
                since?: components["schemas"]["Time"];
                until?: components["schemas"]["Time"];
                /** @description For people: what was tried, attempt by attempt, and when. */
                facts: {
                    label: string;
                    value: string;
                }[];
                /** @description To the run where there is one. */
                link?: string;
            };
        };
        RunNoted: {
            /** @constant */
            type: "run.noted";
        };
        Ping: {
            /** @constant */
            type: "ping";
            timestamp: components["schemas"]["Time"];
            data: {
                cluster: string;
                namespace: string;
                service: string;
                executor: string;
                challenge: string;
            };
        };
        Pong: {
            /** @constant */
            type: "pong";
            timestamp?: components["schemas"]["Time"];
            data: {
                challenge: string;
                bootId?: string;
            };
        };
        ManifestGet: {
            /** @constant */
            type: "manifest.get";
            timestamp: components["schemas"]["Time"];
            data: {
                cluster: string;
                namespace: string;
                service: string;
                executor?: string;
            };
        };
        Manifest: {
            /** @constant */
            type: "manifest";
            timestamp?: components["schemas"]["Time"];
            data: {
                bootId?: string;
                /** @description Name and version of the SDK. */
                sdk?: string;
                revision?: components["schemas"]["Revision"];
                revisionOrder?: components["schemas"]["RevisionOrder"];
                handlers: components["schemas"]["ManifestHandler"][];
            };
        };
    };
    responses: {
        /** @description The request is not valid; `errors` says where */
        BadRequest: {
            headers: {
                "x-cronclave-index": components["headers"]["Index"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A credential is needed, or it has ended */
        Unauthenticated: {
            headers: {
                "x-cronclave-index": components["headers"]["Index"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The credential does not allow this */
        Forbidden: {
            headers: {
                "x-cronclave-index": components["headers"]["Index"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description There is no such thing */
        NotFound: {
            headers: {
                "x-cronclave-index": components["headers"]["Index"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It cannot be done in the present state */
        Conflict: {
            headers: {
                "x-cronclave-index": components["headers"]["Index"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description What happened since then is no longer held */
        Compacted: {
            headers: {
                "x-cronclave-index": components["headers"]["Index"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description It was changed since it was read */
        PreconditionFailed: {
            headers: {
                "x-cronclave-index": components["headers"]["Index"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body has more than 1 MiB */
        TooLarge: {
            headers: {
                "x-cronclave-index": components["headers"]["Index"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The body must be application/json */
        UnsupportedMediaType: {
            headers: {
                "x-cronclave-index": components["headers"]["Index"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description The Host header names none of the configured hosts */
        WrongHost: {
            headers: {
                "x-cronclave-index": components["headers"]["Index"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description What was sent cannot be accepted; `errors` says where */
        Invalid: {
            headers: {
                "x-cronclave-index": components["headers"]["Index"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description A limit is reached */
        TooMany: {
            headers: {
                "x-cronclave-index": components["headers"]["Index"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Something went wrong in the server */
        Internal: {
            headers: {
                "x-cronclave-index": components["headers"]["Index"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description No leader, a disk that fails, or a node that is not as far as was asked; `Retry-After` says when to come back */
        Unavailable: {
            headers: {
                "x-cronclave-index": components["headers"]["Index"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description Too little space is free for the data folder of this node or of the leader; `Retry-After` says when to come back */
        DiskFull: {
            headers: {
                "x-cronclave-index": components["headers"]["Index"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        /**
         * @description Name of the namespace.
         * @example default
         */
        Namespace: components["schemas"]["Name"];
        /**
         * @description Name of the service.
         * @example billing
         */
        Service: components["schemas"]["Name"];
        /** @description The `kid` of the key. */
        SigningKeyId: string;
        /** @description At once, although executors may not know it yet, or tokens of it may be under way. */
        ForceKey: boolean;
        /**
         * @description Id of the executor.
         * @example billing-1
         */
        Executor: components["schemas"]["Name"];
        /** @description Only if this process has the id; else 409 `executor-live`. */
        IfBoot: components["schemas"]["BootId"];
        /** @description Only say what would be done. */
        DryRun: boolean;
        /** @description Take it although a newer revision is known. */
        Rollback: boolean;
        /** @description Delete the jobs that the code kept and names no more; one with open runs is paused instead. */
        PruneJobs: boolean;
        /** @description Take jobs back that somebody has detached, and over from the code of another service that names them no more. */
        AdoptJobs: boolean;
        /** @description Take the job out of its code's hands for good; else a change of what its code decides is refused. */
        Detach: boolean;
        /**
         * @description Name of the job.
         * @example nightly-report
         */
        Job: components["schemas"]["Name"];
        /** @description Id of the attempt. */
        Attempt: components["schemas"]["AttemptId"];
        /** @description Id of the run. */
        Run: components["schemas"]["RunId"];
        /** @description Id of the backfill. */
        Backfill: components["schemas"]["RunId"];
        /**
         * @description The key, percent-encoded (`/` as `%2F`); 1 to 512 bytes of UTF-8.
         * @example jobs%2Fcursor
         */
        Key: string;
        /** @description Id of the lease. */
        LeaseId: components["schemas"]["LeaseId"];
        /**
         * @description Its name.
         * @example nightly-import
         */
        LockName: components["schemas"]["Name"];
        /** @description The lease of the claim. */
        LeaseOfClaim: components["schemas"]["LeaseId"];
        /** @description The ETag of the key, or `*` for any that exists. */
        IfIndex: string;
        /** @description `*`: only if there is no such key. */
        IfAbsent: "*";
        /**
         * @description Name of the sink.
         * @example archive
         */
        Sink: components["schemas"]["Name"];
        /**
         * @description Name of the channel.
         * @example ops
         */
        Channel: components["schemas"]["Name"];
        /**
         * @description Name of the alert rule.
         * @example failing
         */
        AlertRule: components["schemas"]["Name"];
        /** @description Id of the alert. */
        Alert: components["schemas"]["AlertId"];
        /** @description Id of the silence. */
        Silence: components["schemas"]["AlertId"];
        /**
         * @description Name or id of the member.
         * @example n2
         */
        MemberName: string;
        /** @description Id of the token; not the token itself. */
        TokenId: string;
        /** @description Items on a page. */
        Limit: number;
        /** @description `nextCursor` of the page before. */
        Cursor: string;
        /**
         * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
         *     takes longer than 5 s answers 503.
         */
        MinIndex: number;
        /**
         * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
         *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
         */
        Consistency: "local" | "linearizable";
        /** @description Names that contain it, upper and lower case alike. */
        NameFilter: string;
        /** @description The `ETag` that was read. Another version answers 412. */
        IfMatch: string;
        /** @description Only `*`, which refuses to replace what exists with 412. */
        IfNoneMatch: "*";
        /**
         * @description In place of `from` and `to`: the day, ISO week or month that the present lies in, by the clocks of `zone`, or
         *     everything that is counted.
         */
        StatsPeriod: "today" | "week" | "month" | "all";
        /** @description Default is 24 h before `to`, or 30 days for `step=day`, 26 weeks, 365 days for `step=month`. */
        StatsFrom: string;
        /** @description Default is 30 days before `to`; without either, `period` is `week`. */
        StatsSince: string;
        /** @description Default is now. */
        StatsTo: string;
        /**
         * @description Width of a point; 2,208 points at most. Default is `hour`, or what suits the period: hours of `today`, days of
         *     `week` and `month`, months of `all`. Weeks are those of ISO 8601.
         */
        StatsStep: "hour" | "day" | "week" | "month";
        /**
         * @description IANA zone whose clocks say when days, weeks and months begin. Counters are kept by the hour, and after 92 days by
         *     the day, UTC: a day that began earlier than that stands where its noon does.
         */
        StatsZone: string;
        /** @description What jobs are compared by. */
        StatsBy: "failure-rate" | "lateness" | "duration-trend";
        /** @description Jobs with fewer runs that succeeded, failed, timed out or were lost are left out. */
        StatsMinRuns: number;
        /** @description Jobs at most. */
        StatsLimit: number;
        /** @description The attempt id, without dots; for other messages a random id. */
        WebhookId: string;
        /** @description Seconds since 1970. Refuse what is more than 300 s off. */
        WebhookTimestamp: string;
        /** @description `v1,<base64 HMAC-SHA256 of id.timestamp.body>`; several, parted by spaces, while a secret is rotated. */
        WebhookSignature: string;
        /** @description `v1,<base64 HMAC-SHA256>` over method, path, query, body hash and the `cronclave-*` headers. */
        CronclaveSignature: string;
    };
    requestBodies: never;
    headers: {
        /** @description The log index that the reply reflects. */
        Index: string;
        /** @description The version in quotes, for `If-Match`. */
        ETag: string;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The process answers */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Probe"];
                };
            };
            400: components["responses"]["BadRequest"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The node is ready */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Probe"];
                };
            };
            400: components["responses"]["BadRequest"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            /** @description The node is not ready; `reason` says why */
            503: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Probe"];
                };
            };
        };
    };
    getVersion: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The version */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Version"];
                };
            };
            400: components["responses"]["BadRequest"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The figures */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "text/plain": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
        };
    };
    getDocs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The page */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/html": string;
                };
            };
            400: components["responses"]["BadRequest"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
        };
    };
    getSession: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The caller and what it may do */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SessionRequest"];
            };
        };
        responses: {
            /** @description The session is open; the cookie is set */
            201: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    "set-cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Session"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
        };
    };
    deleteSession: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The cookie is cleared */
            204: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
        };
    };
    createLoginCode: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The code */
            201: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LoginCode"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listTokens: {
        parameters: {
            query?: {
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Tokens without their secrets */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenPage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "ci",
                 *       "scope": "namespace:default",
                 *       "expiresIn": "90d"
                 *     }
                 */
                "application/json": components["schemas"]["TokenCreate"];
            };
        };
        responses: {
            /** @description The token and its secret */
            201: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TokenCreated"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    revokeToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the token; not the token itself. */
                token: components["parameters"]["TokenId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The token is revoked */
            204: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getJwks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The keys */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    /** @description max-age=300 */
                    "cache-control"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Jwks"];
                };
            };
            400: components["responses"]["BadRequest"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
        };
    };
    listSigningKeys: {
        parameters: {
            query?: {
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Keys without what is secret of them */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SigningKeyPage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createSigningKey: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "alg": "EdDSA"
                 *     }
                 */
                "application/json": components["schemas"]["SigningKeyCreate"];
            };
        };
        responses: {
            /** @description The key */
            201: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SigningKey"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    deleteSigningKey: {
        parameters: {
            query?: {
                /** @description At once, although executors may not know it yet, or tokens of it may be under way. */
                force?: components["parameters"]["ForceKey"];
            };
            header?: never;
            path: {
                /** @description The `kid` of the key. */
                key: components["parameters"]["SigningKeyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key is gone */
            204: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    activateSigningKey: {
        parameters: {
            query?: {
                /** @description At once, although executors may not know it yet, or tokens of it may be under way. */
                force?: components["parameters"]["ForceKey"];
            };
            header?: never;
            path: {
                /** @description The `kid` of the key. */
                key: components["parameters"]["SigningKeyId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SigningKey"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    listNamespaces: {
        parameters: {
            query?: {
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Namespaces */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NamespacePage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createNamespace: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "billing",
                 *       "description": "Invoices and dunning",
                 *       "slots": 200
                 *     }
                 */
                "application/json": WithRequired<components["schemas"]["NamespaceDefinition"], "name">;
            };
        };
        responses: {
            /** @description The namespace */
            201: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Namespace"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    getNamespace: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The namespace */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Namespace"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    putNamespace: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NamespaceDefinition"];
            };
        };
        responses: {
            /** @description It is replaced */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Namespace"];
                };
            };
            /** @description It is created */
            201: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Namespace"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    deleteNamespace: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is deleted */
            204: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    renameNamespace: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RenameRequest"];
            };
        };
        responses: {
            /** @description The namespace under its new name */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Namespace"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    pauseNamespace: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The namespace */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Namespace"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    resumeNamespace: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The namespace */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Namespace"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getNamespaceStats: {
        parameters: {
            query?: {
                /**
                 * @description In place of `from` and `to`: the day, ISO week or month that the present lies in, by the clocks of `zone`, or
                 *     everything that is counted.
                 */
                period?: components["parameters"]["StatsPeriod"];
                /** @description Default is 24 h before `to`, or 30 days for `step=day`, 26 weeks, 365 days for `step=month`. */
                from?: components["parameters"]["StatsFrom"];
                /** @description Default is now. */
                to?: components["parameters"]["StatsTo"];
                /**
                 * @description Width of a point; 2,208 points at most. Default is `hour`, or what suits the period: hours of `today`, days of
                 *     `week` and `month`, months of `all`. Weeks are those of ISO 8601.
                 */
                step?: components["parameters"]["StatsStep"];
                /**
                 * @description IANA zone whose clocks say when days, weeks and months begin. Counters are kept by the hour, and after 92 days by
                 *     the day, UTC: a day that began earlier than that stands where its noon does.
                 */
                zone?: components["parameters"]["StatsZone"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The counters */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stats"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listServices: {
        parameters: {
            query?: {
                /** @description Names that contain it, upper and lower case alike. */
                name?: components["parameters"]["NameFilter"];
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Services without their secrets */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServicePage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createService: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "billing",
                 *       "description": "Invoices"
                 *     }
                 */
                "application/json": WithRequired<components["schemas"]["ServiceDefinition"], "name">;
            };
        };
        responses: {
            /** @description The service, and the secret if it was generated */
            201: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceWithSecret"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    getService: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The service */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Service"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    putService: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ServiceDefinition"];
            };
        };
        responses: {
            /** @description It is replaced */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceWithSecret"];
                };
            };
            /** @description It is created */
            201: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceWithSecret"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    deleteService: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is deleted */
            204: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    rotateServiceSecret: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SecretRequest"];
            };
        };
        responses: {
            /** @description The service, and the secret if it was generated */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceWithSecret"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    dropServiceSecret: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The service */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Service"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    getServiceManifest: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The manifest that was taken last, and those that were seen */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ServiceManifest"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    putServiceManifest: {
        parameters: {
            query?: {
                /** @description Only say what would be done. */
                dryRun?: components["parameters"]["DryRun"];
                /** @description Take it although a newer revision is known. */
                rollback?: components["parameters"]["Rollback"];
                /** @description Delete the jobs that the code kept and names no more; one with open runs is paused instead. */
                prune?: components["parameters"]["PruneJobs"];
                /** @description Take jobs back that somebody has detached, and over from the code of another service that names them no more. */
                adopt?: components["parameters"]["AdoptJobs"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "revision": "v42",
                 *       "handlers": [
                 *         {
                 *           "name": "nightly-report",
                 *           "job": {
                 *             "schedules": [
                 *               {
                 *                 "cron": "0 23 * * *",
                 *                 "zone": "Asia/Shanghai"
                 *               }
                 *             ],
                 *             "retry": {
                 *               "max": 3
                 *             }
                 *           }
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["ManifestDefinition"];
            };
        };
        responses: {
            /** @description What was done, or would be */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ManifestReport"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    syncService: {
        parameters: {
            query?: {
                /** @description Only say what would be done. */
                dryRun?: components["parameters"]["DryRun"];
                /** @description Take it although a newer revision is known. */
                rollback?: components["parameters"]["Rollback"];
                /** @description Delete the jobs that the code kept and names no more; one with open runs is paused instead. */
                prune?: components["parameters"]["PruneJobs"];
                /** @description Take jobs back that somebody has detached, and over from the code of another service that names them no more. */
                adopt?: components["parameters"]["AdoptJobs"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "url": "https://billing.example.com/api/cronclave"
                 *     }
                 */
                "application/json": components["schemas"]["SyncRequest"];
            };
        };
        responses: {
            /** @description What was done, or would be */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ManifestReport"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    listExecutors: {
        parameters: {
            query?: {
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Executors */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ExecutorPage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getExecutor: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
                /**
                 * @description Id of the executor.
                 * @example billing-1
                 */
                executor: components["parameters"]["Executor"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The executor */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Executor"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    putExecutor: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
                /**
                 * @description Id of the executor.
                 * @example billing-1
                 */
                executor: components["parameters"]["Executor"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "url": "http://10.0.0.7:8080/cronclave",
                 *       "weight": 2,
                 *       "slots": 50,
                 *       "labels": {
                 *         "zone": "a"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["ExecutorDefinition"];
            };
        };
        responses: {
            /** @description It is replaced */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Executor"];
                };
            };
            /** @description It is created */
            201: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Executor"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    deleteExecutor: {
        parameters: {
            query?: {
                /** @description Only if this process has the id; else 409 `executor-live`. */
                bootId?: components["parameters"]["IfBoot"];
            };
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
                /**
                 * @description Id of the executor.
                 * @example billing-1
                 */
                executor: components["parameters"]["Executor"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is removed */
            204: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    heartbeatExecutor: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
                /**
                 * @description Id of the executor.
                 * @example billing-1
                 */
                executor: components["parameters"]["Executor"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "bootId": "0198c2f4a3b1",
                 *       "state": "online",
                 *       "inFlight": 3,
                 *       "clock": "2026-11-20T15:00:00.000Z",
                 *       "manifestHash": "9f86d081884c7d65"
                 *     }
                 */
                "application/json": components["schemas"]["HeartbeatRequest"];
            };
        };
        responses: {
            /** @description It is heard */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["HeartbeatAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    pollExecutor: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
                /**
                 * @description Id of the executor.
                 * @example billing-1
                 */
                executor: components["parameters"]["Executor"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "bootId": "0198c2f4a3b1",
                 *       "state": "online",
                 *       "inFlight": 3,
                 *       "clock": "2026-11-20T15:00:00.000Z",
                 *       "waitMs": 25000
                 *     }
                 */
                "application/json": components["schemas"]["PollRequest"];
            };
        };
        responses: {
            /** @description Calls, or none in that time */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PollAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    drainExecutor: {
        parameters: {
            query?: {
                /** @description Only if this process has the id; else 409 `executor-live`. */
                bootId?: components["parameters"]["IfBoot"];
            };
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
                /**
                 * @description Id of the executor.
                 * @example billing-1
                 */
                executor: components["parameters"]["Executor"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The executor */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Executor"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    offlineExecutor: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
                /**
                 * @description Id of the executor.
                 * @example billing-1
                 */
                executor: components["parameters"]["Executor"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The executor */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Executor"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    onlineExecutor: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the service.
                 * @example billing
                 */
                service: components["parameters"]["Service"];
                /**
                 * @description Id of the executor.
                 * @example billing-1
                 */
                executor: components["parameters"]["Executor"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The executor */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Executor"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listJobs: {
        parameters: {
            query?: {
                /** @description Names that contain it, upper and lower case alike. */
                name?: components["parameters"]["NameFilter"];
                /**
                 * @description `key=value`, or `key` alone for any value. Given several times, all must match.
                 * @example [
                 *       "team=payments"
                 *     ]
                 */
                label?: string[];
                /** @description Given several times, any may match. */
                state?: components["schemas"]["JobState"][];
                /** @description Who created it, exactly as `createdBy` has it. */
                creator?: string;
                /** @description Name of the service that its target calls. */
                service?: components["schemas"]["Name"];
                /** @description `next` is the next fire, jobs without one last. A leading `-` turns the order round. */
                sort?: "name" | "-name" | "created" | "-created" | "updated" | "-updated" | "next" | "-next";
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Jobs */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobPage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": WithRequired<components["schemas"]["JobDefinition"], "name" | "target">;
            };
        };
        responses: {
            /** @description The job */
            201: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    getJob: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    putJob: {
        parameters: {
            query?: {
                /** @description Take the job out of its code's hands for good; else a change of what its code decides is refused. */
                detach?: components["parameters"]["Detach"];
            };
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
                /** @description Only `*`, which refuses to replace what exists with 412. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": WithRequired<components["schemas"]["JobDefinition"], "target">;
            };
        };
        responses: {
            /** @description It is replaced */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description It is created */
            201: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    deleteJob: {
        parameters: {
            query?: {
                /** @description Cancel its open runs and delete it although it is active. */
                force?: boolean;
                /** @description Delete it although the code of its service names it, else 409 `managed-by-code`; a later revision makes it again. */
                detach?: boolean;
            };
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is deleted */
            204: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    pauseJob: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    resumeJob: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Job"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    triggerJob: {
        parameters: {
            query?: never;
            header?: {
                /** @description Chosen by the caller; scoped to the namespace, the caller and this operation, kept 24 h. */
                "Idempotency-Key"?: string;
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "params": {
                 *         "city": "tianjin"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["TriggerRequest"];
            };
        };
        responses: {
            /** @description A repeat of a call with the same key; the run that it made */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    "idempotent-replayed"?: "true";
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            /** @description The run */
            201: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listBackfills: {
        parameters: {
            query?: {
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Backfills */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackfillPage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createBackfill: {
        parameters: {
            query?: never;
            header?: {
                /** @description Chosen by the caller; scoped to the namespace, the caller and this operation, kept 24 h. */
                "Idempotency-Key"?: string;
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "from": "2026-11-01T00:00:00Z",
                 *       "to": "2026-11-08T00:00:00Z"
                 *     }
                 */
                "application/json": components["schemas"]["BackfillRequest"];
            };
        };
        responses: {
            /** @description A repeat of a call with the same key; the backfill that it made */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    "idempotent-replayed"?: "true";
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Backfill"];
                };
            };
            /** @description The backfill */
            201: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Backfill"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    previewBackfill: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "from": "2026-11-01T00:00:00Z",
                 *       "to": "2026-11-08T00:00:00Z"
                 *     }
                 */
                "application/json": components["schemas"]["BackfillRequest"];
            };
        };
        responses: {
            /** @description The fires */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackfillPreview"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getBackfill: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
                /** @description Id of the backfill. */
                backfill: components["parameters"]["Backfill"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The backfill */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Backfill"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    cancelBackfill: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
                /** @description Id of the backfill. */
                backfill: components["parameters"]["Backfill"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The backfill */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Backfill"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getNextFires: {
        parameters: {
            query?: {
                count?: number;
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The fires */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FirePreview"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    explainJob: {
        parameters: {
            query: {
                /** @description The instant asked about. */
                at: string;
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The answer */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Explanation"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listJobVersions: {
        parameters: {
            query?: {
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Versions */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobVersionPage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getJobVersion: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
                /** @description A version of the job. */
                version: number;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The version that brought it */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobVersion"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getStats: {
        parameters: {
            query?: {
                /**
                 * @description In place of `from` and `to`: the day, ISO week or month that the present lies in, by the clocks of `zone`, or
                 *     everything that is counted.
                 */
                period?: components["parameters"]["StatsPeriod"];
                /** @description Default is 24 h before `to`, or 30 days for `step=day`, 26 weeks, 365 days for `step=month`. */
                from?: components["parameters"]["StatsFrom"];
                /** @description Default is now. */
                to?: components["parameters"]["StatsTo"];
                /**
                 * @description Width of a point; 2,208 points at most. Default is `hour`, or what suits the period: hours of `today`, days of
                 *     `week` and `month`, months of `all`. Weeks are those of ISO 8601.
                 */
                step?: components["parameters"]["StatsStep"];
                /**
                 * @description IANA zone whose clocks say when days, weeks and months begin. Counters are kept by the hour, and after 92 days by
                 *     the day, UTC: a day that began earlier than that stands where its noon does.
                 */
                zone?: components["parameters"]["StatsZone"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The counters */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stats"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getTopJobs: {
        parameters: {
            query?: {
                /** @description What jobs are compared by. */
                by?: components["parameters"]["StatsBy"];
                /**
                 * @description In place of `from` and `to`: the day, ISO week or month that the present lies in, by the clocks of `zone`, or
                 *     everything that is counted.
                 */
                period?: components["parameters"]["StatsPeriod"];
                /** @description Default is 30 days before `to`; without either, `period` is `week`. */
                from?: components["parameters"]["StatsSince"];
                /** @description Default is now. */
                to?: components["parameters"]["StatsTo"];
                /**
                 * @description IANA zone whose clocks say when days, weeks and months begin. Counters are kept by the hour, and after 92 days by
                 *     the day, UTC: a day that began earlier than that stands where its noon does.
                 */
                zone?: components["parameters"]["StatsZone"];
                /** @description Jobs with fewer runs that succeeded, failed, timed out or were lost are left out. */
                minRuns?: components["parameters"]["StatsMinRuns"];
                /** @description Jobs at most. */
                limit?: components["parameters"]["StatsLimit"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The jobs, worst first */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TopJobs"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getNamespaceTopJobs: {
        parameters: {
            query?: {
                /** @description What jobs are compared by. */
                by?: components["parameters"]["StatsBy"];
                /**
                 * @description In place of `from` and `to`: the day, ISO week or month that the present lies in, by the clocks of `zone`, or
                 *     everything that is counted.
                 */
                period?: components["parameters"]["StatsPeriod"];
                /** @description Default is 30 days before `to`; without either, `period` is `week`. */
                from?: components["parameters"]["StatsSince"];
                /** @description Default is now. */
                to?: components["parameters"]["StatsTo"];
                /**
                 * @description IANA zone whose clocks say when days, weeks and months begin. Counters are kept by the hour, and after 92 days by
                 *     the day, UTC: a day that began earlier than that stands where its noon does.
                 */
                zone?: components["parameters"]["StatsZone"];
                /** @description Jobs with fewer runs that succeeded, failed, timed out or were lost are left out. */
                minRuns?: components["parameters"]["StatsMinRuns"];
                /** @description Jobs at most. */
                limit?: components["parameters"]["StatsLimit"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The jobs, worst first */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["TopJobs"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getJobStats: {
        parameters: {
            query?: {
                /**
                 * @description In place of `from` and `to`: the day, ISO week or month that the present lies in, by the clocks of `zone`, or
                 *     everything that is counted.
                 */
                period?: components["parameters"]["StatsPeriod"];
                /** @description Default is 24 h before `to`, or 30 days for `step=day`, 26 weeks, 365 days for `step=month`. */
                from?: components["parameters"]["StatsFrom"];
                /** @description Default is now. */
                to?: components["parameters"]["StatsTo"];
                /**
                 * @description Width of a point; 2,208 points at most. Default is `hour`, or what suits the period: hours of `today`, days of
                 *     `week` and `month`, months of `all`. Weeks are those of ISO 8601.
                 */
                step?: components["parameters"]["StatsStep"];
                /**
                 * @description IANA zone whose clocks say when days, weeks and months begin. Counters are kept by the hour, and after 92 days by
                 *     the day, UTC: a day that began earlier than that stands where its noon does.
                 */
                zone?: components["parameters"]["StatsZone"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The counters */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Stats"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listStretches: {
        parameters: {
            query?: {
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the job.
                 * @example nightly-report
                 */
                job: components["parameters"]["Job"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Stretches */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StretchPage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    previewSchedules: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "schedules": [
                 *         {
                 *           "cron": "30 2 * * *",
                 *           "zone": "America/New_York"
                 *         }
                 *       ],
                 *       "from": "2027-03-13T00:00:00Z",
                 *       "count": 3
                 *     }
                 */
                "application/json": components["schemas"]["PreviewRequest"];
            };
        };
        responses: {
            /** @description When they would fire */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FirePreview"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listRuns: {
        parameters: {
            query?: {
                /** @description Name of the job. */
                job?: components["schemas"]["Name"];
                /** @description Given several times, any may match. */
                state?: components["schemas"]["RunState"][];
                /** @description Given several times, any may match. */
                cause?: components["schemas"]["Cause"][];
                /** @description Only the runs that the end of this run started. One of `parent`, `rerunOf` and `backfill`. */
                parent?: components["schemas"]["RunId"];
                /** @description Only the runs that do this run again. */
                rerunOf?: components["schemas"]["RunId"];
                /** @description Only the runs of this backfill. */
                backfill?: components["schemas"]["RunId"];
                /** @description Fire times at or after it. */
                from?: string;
                /** @description Fire times before it. */
                to?: string;
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Runs */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunPage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    pruneRuns: {
        parameters: {
            query?: {
                /** @description Name of the job. */
                job?: components["schemas"]["Name"];
                /** @description Fire times before it. */
                before?: string;
                /** @description Given several times, any may match. */
                state?: components["schemas"]["EndedRunState"][];
                /** @description Only count, and show the oldest and the newest. */
                preview?: boolean;
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What was deleted, or would be */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunPrune"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getRun: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /** @description Id of the run. */
                run: components["parameters"]["Run"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The run */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listAttempts: {
        parameters: {
            query?: {
                /** @description Only those for this part, with what their handlers gave back. */
                shard?: number;
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /** @description Id of the run. */
                run: components["parameters"]["Run"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Attempts */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AttemptPage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listShards: {
        parameters: {
            query?: {
                /** @description Given several times, any may match. */
                state?: components["schemas"]["ShardState"][];
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /** @description Id of the run. */
                run: components["parameters"]["Run"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Parts */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ShardPage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listLogLines: {
        parameters: {
            query?: {
                /** @description Only lines of this attempt. */
                attempt?: components["schemas"]["AttemptId"];
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /** @description Id of the run. */
                run: components["parameters"]["Run"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Lines */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LogPage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    cancelRun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /** @description Id of the run. */
                run: components["parameters"]["Run"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The run, ended */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    rerunRun: {
        parameters: {
            query?: never;
            header?: {
                /** @description Chosen by the caller; scoped to the namespace, the caller and this operation, kept 24 h. */
                "Idempotency-Key"?: string;
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /** @description Id of the run. */
                run: components["parameters"]["Run"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "only": "failed"
                 *     }
                 */
                "application/json": components["schemas"]["RerunRequest"];
            };
        };
        responses: {
            /** @description A repeat of a call with the same key; the run that it made */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    "idempotent-replayed"?: "true";
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            /** @description The new run */
            201: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Run"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listKeys: {
        parameters: {
            query?: {
                /** @description Only keys that begin with it. */
                prefix?: string;
                /** @description The first key that may be in the list. */
                from?: string;
                /** @description Keys before this one. */
                to?: string;
                /** @description Leaves the values out. */
                keysOnly?: boolean;
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page; it may hold fewer than `limit` when values are large */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyPage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getKey: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description The key, percent-encoded (`/` as `%2F`); 1 to 512 bytes of UTF-8.
                 * @example jobs%2Fcursor
                 */
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The value as it was put, with its content type */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    "x-cronclave-create-index": components["headers"]["Index"];
                    "x-cronclave-mod-index": components["headers"]["Index"];
                    "x-cronclave-version": components["headers"]["Index"];
                    "x-cronclave-lease"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "*/*": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    putKey: {
        parameters: {
            query?: {
                /** @description The lease that the key goes with. Without one, the key stays until it is deleted. */
                lease?: components["schemas"]["LeaseId"];
            };
            header?: {
                /** @description The ETag of the key, or `*` for any that exists. */
                "If-Match"?: components["parameters"]["IfIndex"];
                /** @description `*`: only if there is no such key. */
                "If-None-Match"?: components["parameters"]["IfAbsent"];
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description The key, percent-encoded (`/` as `%2F`); 1 to 512 bytes of UTF-8.
                 * @example jobs%2Fcursor
                 */
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "*/*": string;
            };
        };
        responses: {
            /** @description The key has a new value */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyMeta"];
                };
            };
            /** @description The key is new */
            201: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["KeyMeta"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    deleteKey: {
        parameters: {
            query?: never;
            header?: {
                /** @description The ETag of the key, or `*` for any that exists. */
                "If-Match"?: components["parameters"]["IfIndex"];
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description The key, percent-encoded (`/` as `%2F`); 1 to 512 bytes of UTF-8.
                 * @example jobs%2Fcursor
                 */
                key: components["parameters"]["Key"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is deleted */
            204: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    watchKeys: {
        parameters: {
            query?: {
                /** @description What is watched. */
                of?: "keys" | "locks" | "elections";
                /** @description Only keys or names that begin with it. */
                prefix?: string;
                /** @description Only this key or name. */
                key?: string;
                /** @description The first log index whose changes are sent. What is to come, when absent. */
                fromIndex?: number;
            };
            header?: {
                /** @description The `id` of the last event that was received; goes on after it, whatever `fromIndex` says. */
                "Last-Event-ID"?: string;
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example id: 4711
                     *     event: put
                     *     data: {"key":"jobs/cursor","value":"NDI=","contentType":"text/plain","createIndex":90,"modIndex":4711,"version":7}
                     */
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            410: components["responses"]["Compacted"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
        };
    };
    listLeases: {
        parameters: {
            query?: {
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LeasePage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    grantLease: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["LeaseRequest"];
            };
        };
        responses: {
            /** @description The lease */
            201: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Lease"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getLease: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /** @description Id of the lease. */
                lease: components["parameters"]["LeaseId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The lease */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Lease"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    revokeLease: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /** @description Id of the lease. */
                lease: components["parameters"]["LeaseId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It has ended */
            204: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    keepLease: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /** @description Id of the lease. */
                lease: components["parameters"]["LeaseId"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It lives on */
            204: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getLock: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Its name.
                 * @example nightly-import
                 */
                name: components["parameters"]["LockName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Who holds it, and who waits */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Lock"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    acquireLock: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Its name.
                 * @example nightly-import
                 */
                name: components["parameters"]["LockName"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ClaimRequest"];
            };
        };
        responses: {
            /** @description It is held */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Claim"];
                };
            };
            /** @description It waits in its place; only with `keepPlace` */
            202: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Claim"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    releaseLock: {
        parameters: {
            query: {
                /** @description The lease of the claim. */
                lease: components["parameters"]["LeaseOfClaim"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Its name.
                 * @example nightly-import
                 */
                name: components["parameters"]["LockName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is released */
            204: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getElection: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Its name.
                 * @example nightly-import
                 */
                name: components["parameters"]["LockName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Who leads, and who waits */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Election"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    campaign: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Its name.
                 * @example nightly-import
                 */
                name: components["parameters"]["LockName"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CandidateRequest"];
            };
        };
        responses: {
            /** @description It is elected */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Claim"];
                };
            };
            /** @description It waits in its place; only with `keepPlace` */
            202: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Claim"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    resign: {
        parameters: {
            query: {
                /** @description The lease of the claim. */
                lease: components["parameters"]["LeaseOfClaim"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Its name.
                 * @example nightly-import
                 */
                name: components["parameters"]["LockName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It leads and stands no longer */
            204: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listNotices: {
        parameters: {
            query?: {
                /** @description Only of the job of this name. */
                job?: components["schemas"]["Name"];
                /** @description Only those in this state. */
                state?: "open" | "delivered" | "failed";
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Notices */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["NoticePage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    reportResult: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the attempt. */
                attempt: components["parameters"]["Attempt"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "outcome": "succeeded",
                 *       "result": {
                 *         "rows": 1200
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["AttemptResult"];
            };
        };
        responses: {
            /** @description It is in the ledger */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AttemptAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    reportHeartbeat: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the attempt. */
                attempt: components["parameters"]["Attempt"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "extendMs": 600000
                 *     }
                 */
                "application/json": components["schemas"]["AttemptHeartbeat"];
            };
        };
        responses: {
            /** @description Whether to go on */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AttemptAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    reportProgress: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the attempt. */
                attempt: components["parameters"]["Attempt"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "done": 300,
                 *       "total": 1200
                 *     }
                 */
                "application/json": components["schemas"]["AttemptProgress"];
            };
        };
        responses: {
            /** @description Whether to go on */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AttemptAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    reportLines: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the attempt. */
                attempt: components["parameters"]["Attempt"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "lines": [
                 *         {
                 *           "at": "2026-11-20T15:00:00Z",
                 *           "level": "info",
                 *           "message": "half way"
                 *         }
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["AttemptLines"];
            };
        };
        responses: {
            /** @description Whether to go on */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AttemptAnswer"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    streamEvents: {
        parameters: {
            query?: {
                /** @description Only this namespace. */
                namespace?: components["schemas"]["Name"];
                /** @description Only the job of this name. */
                job?: components["schemas"]["Name"];
            };
            header?: {
                /** @description The `id` of the last event that was received. */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example id: 18f-204
                     *     event: run.ended
                     *     data: {"namespace":"default","job":"nightly-report","run":{"id":"…","state":"succeeded"}}
                     */
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
        };
    };
    getScheduler: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether it is paused */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SchedulerState"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    pauseScheduler: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether it is paused */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SchedulerState"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    resumeScheduler: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether it is paused */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SchedulerState"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getStatus: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The status */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Status"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getQueues: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The queues */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Queues"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listSinks: {
        parameters: {
            query?: {
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Sinks without their passwords */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SinkPage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getSink: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the sink.
                 * @example archive
                 */
                sink: components["parameters"]["Sink"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The sink */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sink"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    putSink: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the sink.
                 * @example archive
                 */
                sink: components["parameters"]["Sink"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "host": "db.internal",
                 *       "user": "cronclave",
                 *       "password": "secret",
                 *       "database": "ledger",
                 *       "tls": "verify"
                 *     }
                 */
                "application/json": components["schemas"]["SinkDefinition"];
            };
        };
        responses: {
            /** @description It is replaced */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sink"];
                };
            };
            /** @description It is created */
            201: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sink"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    deleteSink: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the sink.
                 * @example archive
                 */
                sink: components["parameters"]["Sink"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is deleted */
            204: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    pauseSink: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the sink.
                 * @example archive
                 */
                sink: components["parameters"]["Sink"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The sink */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sink"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    resumeSink: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the sink.
                 * @example archive
                 */
                sink: components["parameters"]["Sink"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The sink */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Sink"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    resendRows: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the sink.
                 * @example archive
                 */
                sink: components["parameters"]["Sink"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "from": "2026-11-20T03:00:00Z",
                 *       "preview": true
                 *     }
                 */
                "application/json": components["schemas"]["SinkResend"];
            };
        };
        responses: {
            /** @description What is delivered again, or would be */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SinkResendReport"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    testSink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the sink.
                 * @example archive
                 */
                sink: components["parameters"]["Sink"];
            };
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["SinkDefinition"];
            };
        };
        responses: {
            /** @description What came of it */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SinkTest"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    verifySink: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the sink.
                 * @example archive
                 */
                sink: components["parameters"]["Sink"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example event: progress
                     *     data: {"phase":"ledger","rows":250000}
                     */
                    "text/event-stream": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listChannels: {
        parameters: {
            query?: {
                /** @description Names that contain it, upper and lower case alike. */
                name?: components["parameters"]["NameFilter"];
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Channels without their secrets */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChannelPage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listRecipients: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Mail addresses, each once */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecipientList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getChannel: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the channel.
                 * @example ops
                 */
                channel: components["parameters"]["Channel"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The channel */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    putChannel: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
                /** @description Only `*`, which refuses to replace what exists with 412. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the channel.
                 * @example ops
                 */
                channel: components["parameters"]["Channel"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "target": {
                 *         "kind": "email",
                 *         "host": "smtp.example.com",
                 *         "user": "cronclave",
                 *         "password": "secret",
                 *         "from": "cronclave@example.com",
                 *         "to": [
                 *           "ops@example.com"
                 *         ]
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["ChannelDefinition"];
            };
        };
        responses: {
            /** @description It is replaced */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChannelWithSecret"];
                };
            };
            /** @description It is created */
            201: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChannelWithSecret"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    deleteChannel: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the channel.
                 * @example ops
                 */
                channel: components["parameters"]["Channel"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is deleted */
            204: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    testChannel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the channel.
                 * @example ops
                 */
                channel: components["parameters"]["Channel"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message, on its way */
            202: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertMessage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listChannelMessages: {
        parameters: {
            query?: {
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
                state?: "open" | "delivered" | "failed";
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the channel.
                 * @example ops
                 */
                channel: components["parameters"]["Channel"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Messages and what became of them */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertMessagePage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listAlertRules: {
        parameters: {
            query?: {
                /** @description Names that contain it, upper and lower case alike. */
                name?: components["parameters"]["NameFilter"];
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Alert rules */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertRulePage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getAlertRule: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the alert rule.
                 * @example failing
                 */
                rule: components["parameters"]["AlertRule"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rule */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertRule"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    putAlertRule: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
                /** @description Only `*`, which refuses to replace what exists with 412. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the alert rule.
                 * @example failing
                 */
                rule: components["parameters"]["AlertRule"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "condition": {
                 *         "kind": "failures-in-row",
                 *         "count": 3
                 *       },
                 *       "scope": {
                 *         "job": "nightly-report"
                 *       },
                 *       "channels": [
                 *         "ops"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["AlertRuleDefinition"];
            };
        };
        responses: {
            /** @description It is replaced */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertRule"];
                };
            };
            /** @description It is created */
            201: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertRule"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    deleteAlertRule: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /**
                 * @description Name of the alert rule.
                 * @example failing
                 */
                rule: components["parameters"]["AlertRule"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is deleted */
            204: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listAlerts: {
        parameters: {
            query?: {
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
                state?: "firing" | "resolved";
                /** @description Name of a rule. */
                rule?: components["schemas"]["Name"];
                /** @description Name of a job. */
                job?: components["schemas"]["Name"];
                /** @description Began at this time or later. */
                from?: string;
                /** @description Began before this time. */
                to?: string;
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Alerts */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertPage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getAlert: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /** @description Id of the alert. */
                alert: components["parameters"]["Alert"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The alert */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertDetail"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listSilences: {
        parameters: {
            query?: {
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Silences that are not over */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SilencePage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createSilence: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "match": {
                 *         "job": "nightly-report"
                 *       },
                 *       "for": "2h",
                 *       "reason": "maintenance"
                 *     }
                 */
                "application/json": components["schemas"]["SilenceDefinition"];
            };
        };
        responses: {
            /** @description The silence */
            201: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Silence"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    deleteSilence: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the namespace.
                 * @example default
                 */
                namespace: components["parameters"]["Namespace"];
                /** @description Id of the silence. */
                silence: components["parameters"]["Silence"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is over */
            204: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listClusterChannels: {
        parameters: {
            query?: {
                /** @description Names that contain it, upper and lower case alike. */
                name?: components["parameters"]["NameFilter"];
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Channels without their secrets */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChannelPage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listClusterRecipients: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Mail addresses, each once */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RecipientList"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getClusterChannel: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the channel.
                 * @example ops
                 */
                channel: components["parameters"]["Channel"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The channel */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Channel"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    putClusterChannel: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
                /** @description Only `*`, which refuses to replace what exists with 412. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /**
                 * @description Name of the channel.
                 * @example ops
                 */
                channel: components["parameters"]["Channel"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "target": {
                 *         "kind": "email",
                 *         "host": "smtp.example.com",
                 *         "user": "cronclave",
                 *         "password": "secret",
                 *         "from": "cronclave@example.com",
                 *         "to": [
                 *           "ops@example.com"
                 *         ]
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["ChannelDefinition"];
            };
        };
        responses: {
            /** @description It is replaced */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChannelWithSecret"];
                };
            };
            /** @description It is created */
            201: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ChannelWithSecret"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    deleteClusterChannel: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the channel.
                 * @example ops
                 */
                channel: components["parameters"]["Channel"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is deleted */
            204: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    testClusterChannel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name of the channel.
                 * @example ops
                 */
                channel: components["parameters"]["Channel"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The message, on its way */
            202: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertMessage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listClusterChannelMessages: {
        parameters: {
            query?: {
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
                state?: "open" | "delivered" | "failed";
            };
            header?: never;
            path: {
                /**
                 * @description Name of the channel.
                 * @example ops
                 */
                channel: components["parameters"]["Channel"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Messages and what became of them */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertMessagePage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listClusterAlertRules: {
        parameters: {
            query?: {
                /** @description Names that contain it, upper and lower case alike. */
                name?: components["parameters"]["NameFilter"];
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Alert rules */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertRulePage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getClusterAlertRule: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /**
                 * @description Name of the alert rule.
                 * @example failing
                 */
                rule: components["parameters"]["AlertRule"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rule */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertRule"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    putClusterAlertRule: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
                /** @description Only `*`, which refuses to replace what exists with 412. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /**
                 * @description Name of the alert rule.
                 * @example failing
                 */
                rule: components["parameters"]["AlertRule"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "condition": {
                 *         "kind": "node-gone",
                 *         "for": "1m"
                 *       },
                 *       "channels": [
                 *         "ops"
                 *       ]
                 *     }
                 */
                "application/json": components["schemas"]["AlertRuleDefinition"];
            };
        };
        responses: {
            /** @description It is replaced */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertRule"];
                };
            };
            /** @description It is created */
            201: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    etag: components["headers"]["ETag"];
                    location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertRule"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    deleteClusterAlertRule: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` that was read. Another version answers 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /**
                 * @description Name of the alert rule.
                 * @example failing
                 */
                rule: components["parameters"]["AlertRule"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is deleted */
            204: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listClusterAlerts: {
        parameters: {
            query?: {
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
                state?: "firing" | "resolved";
                /** @description Name of a rule. */
                rule?: components["schemas"]["Name"];
                /** @description Name of a job. */
                job?: components["schemas"]["Name"];
                /** @description Began at this time or later. */
                from?: string;
                /** @description Began before this time. */
                to?: string;
                /** @description Those of every namespace as well. */
                all?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Alerts */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertPage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getClusterAlert: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path: {
                /** @description Id of the alert. */
                alert: components["parameters"]["Alert"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The alert */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AlertDetail"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    listClusterSilences: {
        parameters: {
            query?: {
                /** @description Items on a page. */
                limit?: components["parameters"]["Limit"];
                /** @description `nextCursor` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Silences that are not over */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SilencePage"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    createClusterSilence: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "match": {
                 *         "node": "n2"
                 *       },
                 *       "for": "2h",
                 *       "reason": "maintenance"
                 *     }
                 */
                "application/json": components["schemas"]["SilenceDefinition"];
            };
        };
        responses: {
            /** @description The silence */
            201: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    location?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Silence"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
            507: components["responses"]["DiskFull"];
        };
    };
    deleteClusterSilence: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description Id of the silence. */
                silence: components["parameters"]["Silence"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is over */
            204: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getJobMap: {
        parameters: {
            query?: {
                /** @description Name of a namespace. */
                namespace?: components["schemas"]["Name"];
                /** @description Name of a service. */
                service?: components["schemas"]["Name"];
                /** @description Name of the job. */
                job?: components["schemas"]["Name"];
                /**
                 * @description Of the job: `key=value`, or `key` alone for any value. Given several times, all must match.
                 * @example [
                 *       "team=payments"
                 *     ]
                 */
                label?: string[];
                /** @description Given several times, any may match. */
                state?: components["schemas"]["MapState"][];
                /** @description Runs that are named at most, all together; the others are counted. */
                limit?: number;
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The map */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobMap"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getCluster: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The cluster */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Cluster"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getClusterHealth: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The health, good or bad */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterHealth"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    hashCluster: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The hashes */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterHash"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    compactCluster: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "keep": 10000
                 *     }
                 */
                "application/json": components["schemas"]["ClusterCompact"];
            };
        };
        responses: {
            /** @description What is left of the logs */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterCompacted"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    addMember: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "n4"
                 *     }
                 */
                "application/json": components["schemas"]["MemberAdd"];
            };
        };
        responses: {
            /** @description The member and its join token, good once within an hour */
            201: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MemberAdded"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    removeMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name or id of the member.
                 * @example n2
                 */
                member: components["parameters"]["MemberName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The member is removed */
            204: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    updateMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name or id of the member.
                 * @example n2
                 */
                member: components["parameters"]["MemberName"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "address": "10.0.0.9:7421"
                 *     }
                 */
                "application/json": components["schemas"]["MemberUpdate"];
            };
        };
        responses: {
            /** @description The member */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterMember"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    promoteMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name or id of the member.
                 * @example n2
                 */
                member: components["parameters"]["MemberName"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The member */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterMember"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    replaceMember: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /**
                 * @description Name or id of the member.
                 * @example n2
                 */
                member: components["parameters"]["MemberName"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "by": "n4"
                 *     }
                 */
                "application/json": components["schemas"]["MemberReplace"];
            };
        };
        responses: {
            /** @description The member that votes now */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ClusterMember"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    transferLeadership: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "to": "n2"
                 *     }
                 */
                "application/json": components["schemas"]["LeadershipTransfer"];
            };
        };
        responses: {
            /** @description Somebody else leads */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LeadershipTransferred"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            409: components["responses"]["Conflict"];
            412: components["responses"]["PreconditionFailed"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            421: components["responses"]["WrongHost"];
            422: components["responses"]["Invalid"];
            429: components["responses"]["TooMany"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    getClusterSnapshot: {
        parameters: {
            query?: {
                /**
                 * @description Answers from a state that this log index is part of: the `x-cronclave-index` of an earlier reply, of any node. What
                 *     takes longer than 5 s answers 503.
                 */
                "min-index"?: components["parameters"]["MinIndex"];
                /**
                 * @description `local` answers from what this node has applied, with or without a leader. `linearizable` asks a majority first, so
                 *     that every change that was acknowledged before the request came is seen; without a leader it answers 503.
                 */
                consistency?: components["parameters"]["Consistency"];
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The state */
            200: {
                headers: {
                    "x-cronclave-index": components["headers"]["Index"];
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthenticated"];
            403: components["responses"]["Forbidden"];
            404: components["responses"]["NotFound"];
            421: components["responses"]["WrongHost"];
            500: components["responses"]["Internal"];
            503: components["responses"]["Unavailable"];
        };
    };
    onRunDispatch: {
        parameters: {
            query?: never;
            header: {
                /** @description The attempt id, without dots; for other messages a random id. */
                "webhook-id": components["parameters"]["WebhookId"];
                /** @description Seconds since 1970. Refuse what is more than 300 s off. */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,<base64 HMAC-SHA256 of id.timestamp.body>`; several, parted by spaces, while a secret is rotated. */
                "webhook-signature": components["parameters"]["WebhookSignature"];
                /** @description `v1,<base64 HMAC-SHA256>` over method, path, query, body hash and the `cronclave-*` headers. */
                "cronclave-signature": components["parameters"]["CronclaveSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RunDispatch"];
            };
        };
        responses: {
            /** @description The outcome. Signed with the id `re_<attempt id>`; unsigned, it counts as uncertain. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunResult"];
                };
            };
            /** @description Accepted; the outcome comes to the callback. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunAccepted"];
                };
            };
            /** @description The signature is refused: the run fails and is not retried. */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description No such handler: another executor, then the run fails. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description In progress already: counts as accepted. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The body is too large: the run fails and is not retried. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Namespace, service or executor is not its own: another executor. */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description The parameters are refused: the run fails and is not retried. */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Not started, no room: another executor at once. */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Not started, going down: another executor at once. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Uncertain: `onUncertain` decides. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onRunCancel: {
        parameters: {
            query?: never;
            header: {
                /** @description The attempt id, without dots; for other messages a random id. */
                "webhook-id": components["parameters"]["WebhookId"];
                /** @description Seconds since 1970. Refuse what is more than 300 s off. */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,<base64 HMAC-SHA256 of id.timestamp.body>`; several, parted by spaces, while a secret is rotated. */
                "webhook-signature": components["parameters"]["WebhookSignature"];
                /** @description `v1,<base64 HMAC-SHA256>` over method, path, query, body hash and the `cronclave-*` headers. */
                "cronclave-signature": components["parameters"]["CronclaveSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RunCancel"];
            };
        };
        responses: {
            /** @description Its signal is aborted, or it is not known here. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunCancelled"];
                };
            };
            /** @description Ignored; the attempt has ended for the control plane. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onRunSkipped: {
        parameters: {
            query?: never;
            header: {
                /** @description The attempt id, without dots; for other messages a random id. */
                "webhook-id": components["parameters"]["WebhookId"];
                /** @description Seconds since 1970. Refuse what is more than 300 s off. */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,<base64 HMAC-SHA256 of id.timestamp.body>`; several, parted by spaces, while a secret is rotated. */
                "webhook-signature": components["parameters"]["WebhookSignature"];
                /** @description `v1,<base64 HMAC-SHA256>` over method, path, query, body hash and the `cronclave-*` headers. */
                "cronclave-signature": components["parameters"]["CronclaveSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RunSkipped"];
            };
        };
        responses: {
            /** @description Taken, whatever the body says; so is any other 2xx. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RunNoted"];
                };
            };
            /** @description Sent again later, except after a 4xx that no other try turns into a better one. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onPing: {
        parameters: {
            query?: never;
            header: {
                /** @description The attempt id, without dots; for other messages a random id. */
                "webhook-id": components["parameters"]["WebhookId"];
                /** @description Seconds since 1970. Refuse what is more than 300 s off. */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,<base64 HMAC-SHA256 of id.timestamp.body>`; several, parted by spaces, while a secret is rotated. */
                "webhook-signature": components["parameters"]["WebhookSignature"];
                /** @description `v1,<base64 HMAC-SHA256>` over method, path, query, body hash and the `cronclave-*` headers. */
                "cronclave-signature": components["parameters"]["CronclaveSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["Ping"];
            };
        };
        responses: {
            /** @description The challenge again, signed with the id `re_<webhook-id>`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Pong"];
                };
            };
            /** @description It is not what it says. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onManifestGet: {
        parameters: {
            query?: never;
            header: {
                /** @description The attempt id, without dots; for other messages a random id. */
                "webhook-id": components["parameters"]["WebhookId"];
                /** @description Seconds since 1970. Refuse what is more than 300 s off. */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,<base64 HMAC-SHA256 of id.timestamp.body>`; several, parted by spaces, while a secret is rotated. */
                "webhook-signature": components["parameters"]["WebhookSignature"];
                /** @description `v1,<base64 HMAC-SHA256>` over method, path, query, body hash and the `cronclave-*` headers. */
                "cronclave-signature": components["parameters"]["CronclaveSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ManifestGet"];
            };
        };
        responses: {
            /** @description The handlers, signed with the id `re_<webhook-id>`. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Manifest"];
                };
            };
            /** @description No manifest. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onAlertFired: {
        parameters: {
            query?: never;
            header: {
                /** @description The attempt id, without dots; for other messages a random id. */
                "webhook-id": components["parameters"]["WebhookId"];
                /** @description Seconds since 1970. Refuse what is more than 300 s off. */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,<base64 HMAC-SHA256 of id.timestamp.body>`; several, parted by spaces, while a secret is rotated. */
                "webhook-signature": components["parameters"]["WebhookSignature"];
                /** @description `v1,<base64 HMAC-SHA256>` over method, path, query, body hash and the `cronclave-*` headers. */
                "cronclave-signature": components["parameters"]["CronclaveSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AlertTold"];
            };
        };
        responses: {
            /** @description Taken, whatever the body says; so is any other 2xx. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Sent again later, up to 14 times over an hour and a quarter, except after a 410. `retry-after` is honoured. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onAlertRepeated: {
        parameters: {
            query?: never;
            header: {
                /** @description The attempt id, without dots; for other messages a random id. */
                "webhook-id": components["parameters"]["WebhookId"];
                /** @description Seconds since 1970. Refuse what is more than 300 s off. */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,<base64 HMAC-SHA256 of id.timestamp.body>`; several, parted by spaces, while a secret is rotated. */
                "webhook-signature": components["parameters"]["WebhookSignature"];
                /** @description `v1,<base64 HMAC-SHA256>` over method, path, query, body hash and the `cronclave-*` headers. */
                "cronclave-signature": components["parameters"]["CronclaveSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AlertTold"];
            };
        };
        responses: {
            /** @description Taken, whatever the body says; so is any other 2xx. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Sent again later, up to 14 times over an hour and a quarter, except after a 410. `retry-after` is honoured. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onAlertResolved: {
        parameters: {
            query?: never;
            header: {
                /** @description The attempt id, without dots; for other messages a random id. */
                "webhook-id": components["parameters"]["WebhookId"];
                /** @description Seconds since 1970. Refuse what is more than 300 s off. */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,<base64 HMAC-SHA256 of id.timestamp.body>`; several, parted by spaces, while a secret is rotated. */
                "webhook-signature": components["parameters"]["WebhookSignature"];
                /** @description `v1,<base64 HMAC-SHA256>` over method, path, query, body hash and the `cronclave-*` headers. */
                "cronclave-signature": components["parameters"]["CronclaveSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AlertTold"];
            };
        };
        responses: {
            /** @description Taken, whatever the body says; so is any other 2xx. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Sent again later, up to 14 times over an hour and a quarter, except after a 410. `retry-after` is honoured. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onAlertSummary: {
        parameters: {
            query?: never;
            header: {
                /** @description The attempt id, without dots; for other messages a random id. */
                "webhook-id": components["parameters"]["WebhookId"];
                /** @description Seconds since 1970. Refuse what is more than 300 s off. */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,<base64 HMAC-SHA256 of id.timestamp.body>`; several, parted by spaces, while a secret is rotated. */
                "webhook-signature": components["parameters"]["WebhookSignature"];
                /** @description `v1,<base64 HMAC-SHA256>` over method, path, query, body hash and the `cronclave-*` headers. */
                "cronclave-signature": components["parameters"]["CronclaveSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AlertTold"];
            };
        };
        responses: {
            /** @description Taken, whatever the body says; so is any other 2xx. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Sent again later, up to 14 times over an hour and a quarter, except after a 410. `retry-after` is honoured. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    onAlertTest: {
        parameters: {
            query?: never;
            header: {
                /** @description The attempt id, without dots; for other messages a random id. */
                "webhook-id": components["parameters"]["WebhookId"];
                /** @description Seconds since 1970. Refuse what is more than 300 s off. */
                "webhook-timestamp": components["parameters"]["WebhookTimestamp"];
                /** @description `v1,<base64 HMAC-SHA256 of id.timestamp.body>`; several, parted by spaces, while a secret is rotated. */
                "webhook-signature": components["parameters"]["WebhookSignature"];
                /** @description `v1,<base64 HMAC-SHA256>` over method, path, query, body hash and the `cronclave-*` headers. */
                "cronclave-signature": components["parameters"]["CronclaveSignature"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AlertTold"];
            };
        };
        responses: {
            /** @description Taken, whatever the body says; so is any other 2xx. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Sent again later, up to 14 times over an hour and a quarter, except after a 410. `retry-after` is honoured. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
type WithRequired<T, K extends keyof T> = T & {
    [P in K]-?: T[P];
};
