variable "regions" {
  description = "The two AWS regions. A change of one moves that deployment, and the rooms that are at home there."
  type = object({
    america = string
    europe  = string
  })
  default = {
    america = "us-east-1"
    europe  = "eu-central-1"
  }
  nullable = false

  validation {
    condition     = var.regions.america != var.regions.europe
    error_message = "`regions` must name two regions; got ${var.regions.america} twice."
  }
}

variable "stage" {
  description = "The stage of both deployments."
  type        = string
  default     = "prod"
  nullable    = false
}

variable "allowed_origins" {
  description = "The origins whose pages may connect, in both regions, as the module's variable of this name."
  type        = list(string)
  default     = ["*"]
  nullable    = false
}

variable "create_alarms" {
  description = "Whether each region has alarms. They do not tell that a region cannot be reached: look at the joins of the other one."
  type        = bool
  default     = false
  nullable    = false
}
