################################################################################
# Metrics
################################################################################

variable "metrics" {
  description = "Metrics of the function in CloudWatch, such as joins, relayed signals, errors by code and the outcomes of its calls: `off`, `sampled` (one line of the log a minute for each running instance; the counts are exact, latencies are a sample) or `on` (every latency). The lines cost less than a cent for a million signals. Each metric costs up to $0.30 a month, for the hours in which it has a value; a busy deployment has about 16."
  type        = string
  default     = "sampled"
  nullable    = false

  validation {
    condition     = contains(["off", "sampled", "on"], var.metrics)
    error_message = "`metrics` is one of off, sampled, on; got \"${var.metrics}\"."
  }
}
