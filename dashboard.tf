# The dashboard: one row for the API, one for the function, then what the function reports of itself, and the table.

locals {
  # A widget of a chart: `lines` are [source, metric, statistic, label, axis].
  function_charts = {
    "01 messages and connects a minute" = [
      ["api", "MessageCount", "Sum", "messages", "left"],
      ["api", "ConnectCount", "Sum", "connects", "right"],
    ]
    "02 refused or failed at the API" = [
      ["api", "ClientError", "Sum", "client errors (throttles too)", "left"],
      ["api", "IntegrationError", "Sum", "integration errors", "left"],
      ["api", "ExecutionError", "Sum", "execution errors", "left"],
    ]
    "04 invocations" = [
      ["function", "Invocations", "Sum", "invocations", "left"],
      ["function", "Errors", "Sum", "errors", "right"],
      ["function", "Throttles", "Sum", "throttles", "right"],
    ]
    "05 duration of an invocation, ms" = [
      ["function", "Duration", "p50", "median", "left"],
      ["function", "Duration", "p99", "99 of 100 are faster", "left"],
    ]
    "06 invocations at the same time" = [
      ["function", "ConcurrentExecutions", "Maximum", "at the same time", "left"],
    ]
    "15 units of the table" = [
      ["table", "ConsumedReadCapacityUnits", "Sum", "read", "left"],
      ["table", "ConsumedWriteCapacityUnits", "Sum", "written", "left"],
      ["table", "ReadThrottleEvents", "Sum", "reads throttled", "right"],
      ["table", "WriteThrottleEvents", "Sum", "writes throttled", "right"],
    ]
  }

  report_charts = {
    "07 peers" = [
      for name in ["Joins", "Resumes", "Takeovers", "Leaves", "Disconnects", "Evictions"] :
      ["report", name, "Sum", name, "left"]
    ]
    "08 frames" = [
      ["report", "SignalsRelayed", "Sum", "SignalsRelayed", "left"],
      ["report", "Notices", "Sum", "Notices", "left"],
      ["report", "RateLimitedFrames", "Sum", "RateLimitedFrames", "left"],
      ["report", "BytesRelayed", "Sum", "BytesRelayed", "right"],
    ]
    "09 errors to clients, by code" = [
      for code in local.error_codes : ["report", "Error_${code}", "Sum", code, "left"]
    ]
    "10 refused connects, by reason" = [
      for reason in ["forbidden", "unauthorized", "limited", "unavailable"] :
      ["report", "Refused_${reason}", "Sum", reason, "left"]
    ]
    "11 callbacks, by outcome" = [
      for outcome in ["ok", "gone", "busy", "forbidden", "failed"] :
      ["report", "Callback_${outcome}", "Sum", outcome, outcome == "ok" ? "left" : "right"]
    ]
    "12 latency of a callback, ms" = [
      ["report", "CallbackLatency", "p50", "median", "left"],
      ["report", "CallbackLatency", "p99", "99 of 100 are faster", "left"],
    ]
    "13 calls of the table, by outcome" = [
      for outcome in ["ok", "unmet", "throttled", "failed"] :
      ["report", "Store_${outcome}", "Sum", outcome, outcome == "ok" ? "left" : "right"]
    ]
    "14 latency of the table, ms" = [
      ["report", "StoreLatency", "p50", "median", "left"],
      ["report", "StoreLatency", "p99", "99 of 100 are faster", "left"],
    ]
    "16 cold starts" = [["report", "ColdStarts", "Sum", "ColdStarts", "left"]]
  }

  error_codes = [
    "BAD_JSON", "BAD_REQUEST", "UNKNOWN_TYPE", "TOO_LARGE", "NOT_JOINED", "ALREADY_JOINED", "PEER_ID_TAKEN",
    "PEER_NOT_FOUND", "UNAUTHORIZED", "FORBIDDEN", "RATE_LIMITED", "UNAVAILABLE", "INTERNAL",
  ]

  charts = {
    for name, lines in merge(local.function_charts, local.has_metrics ? local.report_charts : {}) : name => {
      title   = substr(name, 3, -1)
      region  = var.aws_region
      view    = "timeSeries"
      stacked = false
      period  = 60
      yAxis   = { left = { min = 0 }, right = { min = 0 } }
      metrics = [
        for line in lines : concat(
          [local.metric_sources[line[0]].namespace, line[1]],
          flatten([for dimension, value in local.metric_sources[line[0]].dimensions : [dimension, value]]),
          [{ stat = line[2], label = line[3], yAxis = line[4] }],
        )
      ]
    }
  }

  # Both meters cost the same for each: the sum would be missing for an hour without connects.
  spend_chart = {
    "03 dollars" = {
      title   = "dollars an hour"
      region  = var.aws_region
      view    = "timeSeries"
      stacked = true
      period  = 3600
      yAxis   = { left = { min = 0 } }
      metrics = concat([
        for id, metric in { messages = "MessageCount", connects = "ConnectCount" } : [
          concat(
            [local.metric_sources.api.namespace, metric],
            flatten([for dimension, value in local.metric_sources.api.dimensions : [dimension, value]]),
            [{ stat = "Sum", id = id, visible = false }],
          ),
          [{ expression = "${id} / ${local.messages_per_dollar}", label = id, id = "${id}_dollars" }],
        ]
      ]...)
      annotations = { horizontal = [{ label = "alarm_dollars_per_hour", value = var.alarm_dollars_per_hour }] }
    }
  }

  # Three in a row, in the order of their names.
  chart_list = values(merge(local.charts, local.spend_chart))
  chart_widgets = [
    for index, chart in local.chart_list : {
      type       = "metric"
      x          = 8 * (index % 3)
      y          = 3 + 6 * floor(index / 3)
      width      = 8
      height     = 6
      properties = chart
    }
  ]

  head_widgets = concat(
    [{
      type   = "text"
      x      = 0
      y      = 0
      width  = var.create_alarms ? 12 : 24
      height = 3
      properties = {
        markdown = "## ${local.name}\nHow to read these charts and what to do about an alarm: `docs/operations.md`. The function's log: `aws logs tail ${local.log_group_name} --follow`${local.has_metrics ? "" : "\n\n`metrics` is off, so the function's own counts are missing here."}"
      }
    }],
    [
      for alarms in [values(aws_cloudwatch_metric_alarm.signaling)[*].arn] : {
        type       = "alarm"
        x          = 12
        y          = 0
        width      = 12
        height     = 3
        properties = { title = "alarms", alarms = alarms }
      } if length(local.alarms) > 0
    ],
  )
}

resource "aws_cloudwatch_dashboard" "signaling" {
  count = var.create_dashboard ? 1 : 0

  dashboard_name = local.name
  dashboard_body = jsonencode({ start = "-PT3H", widgets = concat(local.head_widgets, local.chart_widgets) })
}
