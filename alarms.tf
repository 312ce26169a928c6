# Alarms: each tells what to do first, and names its section in docs/operations.md.

################################################################################
# The metrics that alarms and the dashboard read
################################################################################

locals {
  # The function's own metrics: lambda/adapters/traffic-report.ts writes them, lambda/core/metrics.ts names them.
  has_metrics = var.metrics != "off"

  metric_sources = {
    api      = { namespace = "AWS/ApiGateway", dimensions = { ApiId = aws_apigatewayv2_api.signaling.id, Stage = var.stage } }
    function = { namespace = "AWS/Lambda", dimensions = { FunctionName = local.name } }
    table    = { namespace = "AWS/DynamoDB", dimensions = { TableName = local.name } }
    report   = { namespace = "P2PMeshSignaling", dimensions = { Service = var.project_name, Stage = var.stage } }
  }

  # In us-east-1, as in cli/prices.ts; other regions have other prices. A connect is taken for a message.
  messages_per_dollar = 1000000
}

################################################################################
# Alarms
################################################################################

locals {
  patience_seconds = min(var.lambda_timeout, 29) # API Gateway waits no longer than 29 s
  alarm_concurrency = coalesce(
    var.alarm_concurrency,
    max(1, floor(0.8 * (var.lambda_reserved_concurrency >= 0 ? var.lambda_reserved_concurrency : 1000))),
  )

  # `over` makes the limit a percentage of that metric of the API, so that one number fits small and large deployments; up to
  # 50 events then do not count. No expression adds two metrics: a count has no value for a time in which it is 0, and a sum
  # with it would have none either. `missing` says for each alarm how a time without any value counts.
  all_alarms = {
    function-errors = {
      title   = "function errors"
      metric  = ["function", "Errors", "Sum"]
      over    = ""
      limit   = 5
      period  = 300
      periods = [1, 1]
      missing = "notBreaching" # no invocation, so none that failed
      first   = "Look for lines of the level error in the function's log, and for \"Task timed out\"."
    }
    function-throttles = {
      title   = "function throttles"
      metric  = ["function", "Throttles", "Sum"]
      over    = ""
      limit   = 1
      period  = 300
      periods = [1, 1]
      missing = "notBreaching" # no invocation, so none that was refused
      first   = "Compare ConcurrentExecutions with `lambda_reserved_concurrency` and with the account's quota."
    }
    function-duration = {
      title   = "function duration"
      metric  = ["function", "Duration", "p99"]
      over    = ""
      limit   = 800 * local.patience_seconds # ms: four fifths of the time that it has
      period  = 300
      periods = [1, 1]
      missing = "notBreaching" # no invocation, so none that takes long
      first   = "Look whether the table answers: a disconnect waits for it, up to 21 s."
    }
    function-concurrency = {
      title   = "function concurrency"
      metric  = ["function", "ConcurrentExecutions", "Maximum"]
      over    = ""
      limit   = local.alarm_concurrency
      period  = 60
      periods = [3, 5]
      missing = "notBreaching" # no invocation, so none at the same time
      first   = "Look whether invocations became slower or more, then ask AWS for more concurrency."
    }
    table-read-throttles = {
      title   = "table throttles"
      metric  = ["table", "ReadThrottleEvents", "Sum"]
      over    = ""
      limit   = 10
      period  = 300
      periods = [2, 3]
      missing = "notBreaching" # DynamoDB reports throttles only if there are some
      first   = "Look whether one room is very large, or whether traffic doubled within minutes."
    }
    table-write-throttles = {
      title   = "table throttles"
      metric  = ["table", "WriteThrottleEvents", "Sum"]
      over    = ""
      limit   = 10
      period  = 300
      periods = [2, 3]
      missing = "notBreaching" # DynamoDB reports throttles only if there are some
      first   = "Look whether one room is very large, or whether traffic doubled within minutes."
    }
    table-failures = {
      title   = "table failures"
      metric  = ["report", "Store_failed", "Sum"]
      over    = ""
      limit   = 10
      period  = 300
      periods = [1, 1]
      missing = "notBreaching" # the function reports a count only if it is not 0
      first   = "Look for \"dependency_failed\" in the function's log: its error names the answer of DynamoDB."
    }
    callbacks-forbidden = {
      title   = "callbacks forbidden"
      metric  = ["report", "Callback_forbidden", "Sum"]
      over    = ""
      limit   = 1
      period  = 300
      periods = [1, 1]
      missing = "notBreaching" # the function reports a count only if it is not 0
      first   = "No client gets any frame. Compare `callback_endpoint` and the policy of the function's role with `terraform plan`."
    }
    callbacks-failing = {
      title   = "callbacks failing"
      metric  = ["report", "Callback_failed", "Sum"]
      over    = "MessageCount"
      limit   = 5 # percent
      period  = 300
      periods = [2, 3]
      missing = "notBreaching" # the function reports a count only if it is not 0
      first   = "Look at AWS's health page for API Gateway, and for \"dependency_failed\" in the function's log."
    }
    internal-errors = {
      title   = "internal errors"
      metric  = ["report", "Error_INTERNAL", "Sum"]
      over    = ""
      limit   = 1
      period  = 300
      periods = [1, 1]
      missing = "notBreaching" # the function reports a count only if it is not 0
      first   = "A fault of the code: look for \"internal_error\" in the function's log, with its stack, and roll back."
    }
    connects-refused = {
      title   = "connects refused"
      metric  = ["report", "ConnectsRefused", "Sum"]
      over    = ""
      limit   = var.alarm_refused_connects
      period  = 300
      periods = [2, 3]
      missing = "notBreaching" # the function reports a count only if it is not 0
      first   = "Look for \"connect_refused\" in the function's log: it names the reason and the origin."
    }
    evictions = {
      title   = "unusual evictions"
      metric  = ["report", "Evictions", "Sum"]
      over    = "ConnectCount"
      limit   = 30 # percent
      period  = 900
      periods = [2, 2]
      missing = "notBreaching" # the function reports a count only if it is not 0
      first   = "Look whether $disconnect events fail: \"disconnect_failed\" in the function's log, and the function's throttles."
    }
    api-client-errors = {
      title   = "API client errors"
      metric  = ["api", "ClientError", "Sum"]
      over    = ""
      limit   = 1000
      period  = 300
      periods = [3, 3]
      missing = "notBreaching" # no message, so none that was refused
      first   = "Compare MessageCount with `throttling_rate_limit`: API Gateway refuses what exceeds it."
    }
    api-integration-errors = {
      title   = "API integration errors"
      metric  = ["api", "IntegrationError", "Sum"]
      over    = ""
      limit   = 100
      period  = 300
      periods = [2, 3]
      missing = "notBreaching" # no message, so none that failed
      first   = "Look at the function's errors. Connects that it refused may count here too."
    }
    api-execution-errors = {
      title   = "API execution errors"
      metric  = ["api", "ExecutionError", "Sum"]
      over    = ""
      limit   = 5
      period  = 300
      periods = [1, 1]
      missing = "notBreaching" # no message, so none that did not reach the function
      first   = "API Gateway cannot call the function: look at its throttles, and run `terraform plan` for a missing permission."
    }
    spend-messages = {
      title   = "spend"
      metric  = ["api", "MessageCount", "Sum"]
      over    = ""
      limit   = var.alarm_dollars_per_hour * local.messages_per_dollar
      period  = 3600
      periods = [1, 1]
      missing = "notBreaching" # no message costs nothing
      first   = "Find out who sends: the dashboard's traffic, then the access logs. `lambda_reserved_concurrency = 0` stops the function."
    }
    spend-connects = {
      title   = "spend"
      metric  = ["api", "ConnectCount", "Sum"]
      over    = ""
      limit   = var.alarm_dollars_per_hour * local.messages_per_dollar
      period  = 3600
      periods = [1, 1]
      missing = "notBreaching" # no connect costs nothing
      first   = "Find out who connects: \"connect_refused\" in the function's log, then the access logs. A WAF stops connects sooner than the function."
    }
  }

  # Without the function's metrics an alarm on one of them would never have a value.
  alarms = {
    for name, alarm in local.all_alarms : name => merge(alarm, local.metric_sources[alarm.metric[0]])
    if var.create_alarms && (local.has_metrics || alarm.metric[0] != "report")
  }
}

resource "aws_cloudwatch_metric_alarm" "signaling" {
  for_each = local.alarms

  alarm_name        = "${local.name}-${each.key}"
  alarm_description = "${each.value.first} See docs/operations.md, section \"Alarm: ${each.value.title}\"."

  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = each.value.limit
  datapoints_to_alarm = each.value.periods[0]
  evaluation_periods  = each.value.periods[1]
  treat_missing_data  = each.value.missing
  alarm_actions       = var.alarm_actions
  ok_actions          = var.ok_actions
  tags                = local.tags

  # One metric, or below a percentage of two.
  namespace          = each.value.over == "" ? each.value.namespace : null
  metric_name        = each.value.over == "" ? each.value.metric[1] : null
  dimensions         = each.value.over == "" ? each.value.dimensions : null
  period             = each.value.over == "" ? each.value.period : null
  statistic          = each.value.over == "" && !startswith(each.value.metric[2], "p") ? each.value.metric[2] : null
  extended_statistic = each.value.over == "" && startswith(each.value.metric[2], "p") ? each.value.metric[2] : null

  dynamic "metric_query" {
    for_each = each.value.over == "" ? {} : {
      events = merge(local.metric_sources[each.value.metric[0]], { metric = each.value.metric[1] })
      all    = merge(local.metric_sources.api, { metric = each.value.over })
    }

    content {
      id = metric_query.key

      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.metric
        dimensions  = metric_query.value.dimensions
        period      = each.value.period
        stat        = "Sum"
      }
    }
  }

  dynamic "metric_query" {
    for_each = each.value.over == "" ? [] : [each.value.over]

    content {
      id          = "percentage"
      label       = "${each.value.metric[1]}, percent of ${metric_query.value}"
      expression  = "IF(events > 50, 100 * events / FILL(all, 1), 0)"
      return_data = true
    }
  }
}
