#include "dispatch/pace.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What an eased domain without a configured rate starts from, messages a second. */
static const double unlimited_eased = 20;
static const double easing_max = 64;
enum { EASE_EVERY_S = 10, RECOVER_EVERY_S = 60 };

/* The per-second limit of the token bucket: the tightest of those by second and minute. 0: none. */
static double fine_rate(const struct pace *p) {
    double r = 0;
    for (size_t i = 0; i < p->rate.n; i++) {
        if (p->rate.limit[i].period_s < 3600) {
            double x = (double)p->rate.limit[i].count / (double)p->rate.limit[i].period_s;
            r = r == 0 || x < r ? x : r;
        }
    }
    if (p->used.easing > 1) {
        r = (r > 0 ? r : unlimited_eased) / p->used.easing;
    }
    return r;
}

static int64_t coarse_limit(const struct pace *p, int64_t period) {
    for (size_t i = 0; i < p->rate.n; i++) {
        if (p->rate.limit[i].period_s == period) {
            return p->rate.limit[i].count;
        }
    }
    return 0;
}

/* No more than a tenth of a second's worth in one burst, at least one message. */
static double burst(double rate) {
    return rate / 10 > 1 ? rate / 10 : 1;
}

void pace_init(struct pace *p, const struct config_rate *rate, const struct queue_bucket *stored, const char *boot) {
    *p = (struct pace){.used = *stored};
    if (rate) {
        p->rate = *rate;
    }
    if (p->used.easing < 1) {
        p->used.easing = 1;
    }
    if (strcmp(p->used.boot, boot) != 0) {
        /* monotonic time began anew: nothing that was used there can matter longer than the boot took */
        p->used.at_ns = 0;
        p->used.tokens = 0;
        (void)snprintf(p->used.boot, sizeof p->used.boot, "%s", boot);
    }
}

bool pace_limited(const struct pace *p) {
    return p->rate.n > 0 || p->used.easing > 1;
}

static void refill(struct pace *p, double rate, int64_t now_ns) {
    if (p->used.at_ns == 0) {
        p->used.tokens = burst(rate);
    } else {
        double t = p->used.tokens + (double)(now_ns - p->used.at_ns) / 1e9 * rate;
        p->used.tokens = t > burst(rate) ? burst(rate) : t;
    }
    p->used.at_ns = now_ns;
}

bool pace_spent(const struct pace *p, int64_t system_s) {
    int64_t hour = coarse_limit(p, 3600), day = coarse_limit(p, 86400);
    return (hour && p->used.hour == system_s / 3600 && p->used.hour_count >= hour) ||
           (day && p->used.day == system_s / 86400 && p->used.day_count >= day);
}

int64_t pace_wait(struct pace *p, int64_t now_ns, int64_t system_s) {
    if (pace_spent(p, system_s)) {
        return -1;
    }
    double rate = fine_rate(p);
    if (rate <= 0) {
        return 0;
    }
    refill(p, rate, now_ns);
    return p->used.tokens >= 1 ? 0 : (int64_t)ceil((1 - p->used.tokens) / rate * 1e9);
}

void pace_take(struct pace *p, int64_t now_ns, int64_t system_s) {
    double rate = fine_rate(p);
    if (rate > 0) {
        refill(p, rate, now_ns);
        p->used.tokens -= 1;
    }
    if (p->used.hour != system_s / 3600) {
        p->used.hour = system_s / 3600;
        p->used.hour_count = 0;
    }
    if (p->used.day != system_s / 86400) {
        p->used.day = system_s / 86400;
        p->used.day_count = 0;
    }
    p->used.hour_count++;
    p->used.day_count++;
    p->dirty = true;
}

double pace_per_s(const struct pace *p) {
    double r = fine_rate(p);
    int64_t hour = coarse_limit(p, 3600), day = coarse_limit(p, 86400);
    if (hour && (r == 0 || (double)hour / 3600 < r)) {
        r = (double)hour / 3600;
    }
    if (day && (r == 0 || (double)day / 86400 < r)) {
        r = (double)day / 86400;
    }
    return r;
}

void pace_ease(struct pace *p, int64_t now_s) {
    if (p->used.easing > 1 && now_s - p->used.eased_at < EASE_EVERY_S && now_s >= p->used.eased_at) {
        return;
    }
    p->used.easing = p->used.easing * 2 > easing_max ? easing_max : p->used.easing * 2;
    p->used.eased_at = now_s;
    p->dirty = true;
}

void pace_recover(struct pace *p, int64_t now_s) {
    while (p->used.easing > 1 && now_s - p->used.eased_at >= RECOVER_EVERY_S) {
        p->used.easing /= 1.5;
        p->used.eased_at += RECOVER_EVERY_S;
        if (p->used.easing <= 1) {
            p->used.easing = 1;
        }
        p->dirty = true;
    }
}
